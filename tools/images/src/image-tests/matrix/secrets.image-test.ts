import { imageHistory } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { expect, test } from "vitest";
import { connection, imageDetails, imageUnderTest, shellInImage } from "../container.ts";
import { findSecrets } from "./secret-shapes.ts";

test("no secret is in what the engine tells of the image, nor in its history", async () => {
  const { labels, ...details } = await imageDetails();
  const { [imageLabels.readme]: _prose, [imageLabels.inputs]: record = "{}", ...facts } = labels;
  const { inputs } = JSON.parse(record) as { readonly inputs: Readonly<Record<string, string>> };
  expect(Object.entries(inputs).filter(([, hash]) => !/^[0-9a-f]{16,64}$/.test(hash))).toEqual([]);
  const history = await imageHistory(await connection(), imageUnderTest());
  const texts = [...details.environment, ...details.entrypoint, ...(details.healthcheck ?? [])];
  const told = [...texts, ...Object.values(facts), ...history.map((entry) => entry.createdBy)];
  expect(told.length).toBeGreaterThan(10);
  expect(told.flatMap(findSecrets)).toEqual([]);
});

test("no secret is in the arguments and the environment of any process of a container, nor in its log", async () => {
  const { stdout, stderr } = await shellInImage(
    "sleep 60 & for each in /proc/[0-9]*; do tr '\\0' '\\n' <$each/environ; tr '\\0' ' ' <$each/cmdline; echo; done; kill %1",
  );
  expect(stdout).toContain("HOME=");
  expect(stdout).toContain("sleep 60");
  expect(findSecrets(`${stdout}\n${stderr}`)).toEqual([]);
});
