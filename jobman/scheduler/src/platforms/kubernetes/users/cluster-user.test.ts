import { expect, test } from "vitest";
import { clusterUser } from "./cluster-user.ts";

const site = { limits: { lowestId: 1000 } } as Parameters<typeof clusterUser>[0];

test("a user has the group of its own number, and datasets in order", () => {
  expect(clusterUser(site, { name: "anna", uid: "20001", datasets: "lung, heart,lung" })).toEqual({
    name: "anna",
    uid: 20_001,
    gid: 20_001,
    datasets: ["heart", "lung"],
  });
  expect(clusterUser(site, { name: "anna", uid: "20001", gid: "30000" }).gid).toBe(30_000);
});

test.each([
  [{ name: "Anna B", uid: "20001" }, "INVALID_USER_NAME"],
  [{ name: "../etc", uid: "20001" }, "INVALID_USER_NAME"],
  [{ name: "anna", uid: "0" }, "INVALID_UID"],
  [{ name: "anna", uid: "999" }, "INVALID_UID"],
  [{ name: "anna", uid: "65534" }, "INVALID_UID"],
  [{ name: "anna", uid: "4294967295" }, "INVALID_UID"],
  [{ name: "anna", uid: "1e4" }, "INVALID_UID"],
  [{ name: "anna", uid: "20001", gid: "0" }, "INVALID_UID"],
  [{ name: "anna", uid: "20001", datasets: "heart,.." }, "DATASET_INVALID"],
])("%j is refused", (request, code) => {
  expect(() => clusterUser(site, request)).toThrow(expect.objectContaining({ code }));
});
