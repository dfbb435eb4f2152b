import { expect, test } from "vitest";
import { checkHomes } from "./check-homes.ts";

/** A site with its namespace for all jobs and the place of homes. */
const site = (
  sharedNamespace: string | null,
  persistentHome: { readonly claim: string; readonly subPath?: string },
) => ({ kubernetes: { sharedNamespace, volumes: { persistentHome } } }) as Parameters<typeof checkHomes>[0];

test("a claim of one name is a home for each user in namespaces of their own", () => {
  expect(() => checkHomes(site(null, { claim: "persistent-home" }))).not.toThrow();
});

test("in one namespace for all it would be everybody's, and is refused", () => {
  expect(() => checkHomes(site("jobs", { claim: "persistent-home" }))).toThrow(
    expect.objectContaining({ code: "HOMES_SHARED" }),
  );
  expect(() => checkHomes(site("jobs", { claim: "home-{user}" }))).not.toThrow();
  expect(() => checkHomes(site("jobs", { claim: "homes", subPath: "{user}" }))).not.toThrow();
});
