import { expect, test } from "vitest";
import { json, scriptApiServer } from "../testing/scripted-api-server.ts";
import { connectWith } from "./connection.ts";
import { readServerVersion } from "./server-version.ts";

async function read(major: string, minor: string) {
  const version = { major, minor, gitVersion: `v${major}.${minor}.0` };
  await using server = await scriptApiServer({ "GET /version": [json(version)] });
  const connection = connectWith({ server: server.address, tls: {}, headers: async () => ({}) });
  try {
    return await readServerVersion(connection);
  } finally {
    await connection.close();
  }
}

test.each([
  ["1", "34", "creation"],
  ["1", "35+", "creation"],
  ["1", "36", "admission"],
  ["1", "40+", "admission"],
  ["2", "0", "admission"],
])("a server of %s.%s is told what a slot gives at %s", async (major, minor, resourcesAt) => {
  expect(await read(major, minor)).toEqual({ text: `v${major}.${minor}.0`, resourcesAt });
});

test.each(["33", "9", "33+", ""])("one of 1.%s is refused", async (minor) => {
  await expect(read("1", minor)).rejects.toMatchObject({ code: "CLUSTER_TOO_OLD" });
});
