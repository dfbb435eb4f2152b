import { expect, test } from "vitest";
import { listReferrers } from "./referrers.ts";
import type { Registry } from "./registry.ts";

const subject = `sha256:${"0".repeat(64)}`;

/** A registry that answers everything with one text; the real one of the other tests writes what the specification says. */
function registryThatSays(text: string): Registry {
  const ask = () => Promise.resolve({ status: 200, headers: {}, text, body: Buffer.from(text) });
  return { host: "registry.example.org", ask, tryOnce: ask, close: () => undefined };
}

test("what is attached to an image is read with all that stands beside it", async () => {
  const row = {
    mediaType: "m",
    digest: subject,
    size: 1,
    annotations: { a: "b" },
    platform: { os: "linux" },
  };
  const index = JSON.stringify({ schemaVersion: 2, manifests: [row] });
  expect(await listReferrers(registryThatSays(index), "batch/image", subject)).toEqual([row]);
});

test.each(["<html>proxy</html>", '{"message":"moved"}', '{"manifests":[{"digest":5}]}'])(
  "a list of what is attached that is none is the registry's fault, not the program's: %s",
  async (text) => {
    const listed = listReferrers(registryThatSays(text), "batch/image", subject);
    await expect(listed).rejects.toMatchObject({ name: "UserError", code: "REGISTRY_ANSWER" });
  },
);
