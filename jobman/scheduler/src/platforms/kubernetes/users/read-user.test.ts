import { expect, test } from "vitest";
import { readUser } from "./read-user.ts";

const site = { limits: { lowestId: 1000 } } as Parameters<typeof readUser>[1];

function read(notes: Readonly<Record<string, string>>) {
  const named = Object.entries({ uid: "20001", gid: "20002", datasets: "lung,heart", ...notes });
  const all = Object.fromEntries(named.map(([key, value]) => [`workstation.${key}`, value]));
  const { "workstation.user": user, ...annotations } = all;
  return readUser(
    { name: "user-anna", labels: user === undefined ? {} : { "workstation.user": user }, annotations },
    site,
  );
}

test("a namespace says whose it is, as whom jobs run and what was granted", () => {
  expect(read({ user: "anna" })).toEqual({
    user: { name: "anna", uid: 20_001, gid: 20_002, datasets: ["heart", "lung"] },
  });
});

test("one that names no user is nobody's", () => {
  expect(read({})).toEqual({});
});

test("one that does not say the group of its jobs cannot be used", () => {
  const annotations = { "workstation.uid": "20001" };
  const notes = { name: "user-anna", labels: { "workstation.user": "anna" }, annotations };
  expect(readUser(notes, site).problem).toContain('"" is no id');
});

test.each([
  [{ user: "Anna" }, '"Anna" cannot be a user\'s name'],
  [{ user: "anna.b" }, '"anna.b" cannot be a user\'s name'],
  [{ user: "a".repeat(33) }, "cannot be a user's name"],
  [{ user: "anna", uid: "65534" }, '"65534" is no id'],
  [{ user: "anna", uid: "2147483648" }, '"2147483648" is no id'],
  [{ user: "anna", uid: "0x4e20" }, '"0x4e20" is no id'],
  [{ user: "anna", uid: "1e4" }, '"1e4" is no id'],
  [{ user: "anna", uid: "999" }, '"999" is no id'],
  [{ user: "anna", uid: "" }, '"" is no id'],
  [{ user: "anna", gid: "" }, '"" is no id'],
  [{ user: "anna", datasets: "lung,../x" }, '"../x" is not a dataset id'],
])("what %j says cannot be used, and why is told", (notes, why) => {
  const { user, problem } = read(notes);
  expect(user).toBeUndefined();
  expect(problem).toContain(`namespace user-anna cannot be used: `);
  expect(problem).toContain(why);
});
