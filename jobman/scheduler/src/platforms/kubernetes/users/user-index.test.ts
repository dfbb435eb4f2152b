import { expect, test } from "vitest";
import { createUserIndex } from "./user-index.ts";

const user = (name: string, uid = 20_001) => ({ name, uid, gid: uid, datasets: [] });
const view = (name: string, parts: object = {}) => ({ uid: name, resourceVersion: "1", name, ...parts });

function indexOf(...views: readonly ReturnType<typeof view>[]) {
  const index = createUserIndex((name) => `user-${name}`);
  for (const each of views) index.note(each.uid, each);
  return index;
}

test("a user is found by its name and by its namespace, until that is gone", () => {
  const index = indexOf(view("user-anna", { user: user("anna") }), view("jobs"));
  expect(index.ofNamespace("user-anna")).toEqual(user("anna"));
  expect(index.byName("anna")).toEqual(user("anna"));
  expect(index.all()).toEqual([user("anna")]);
  expect(index.ofNamespace("jobs")).toBeUndefined();
  index.note("user-anna", undefined);
  expect([index.ofNamespace("user-anna"), index.byName("anna"), ...index.all()]).toEqual([
    undefined,
    undefined,
  ]);
});

test("what a namespace says now counts: another user, another id, nobody, a problem", () => {
  const index = indexOf(view("n", { user: user("anna") }));
  index.note("n", view("n", { user: user("ben", 20_002) }));
  expect([index.byName("anna"), index.byName("ben")?.uid]).toEqual([undefined, 20_002]);
  index.note("n", view("n", { problem: "no uid" }));
  expect([index.byName("ben"), index.ofNamespace("n"), ...index.problems()]).toEqual([
    undefined,
    undefined,
    "no uid",
  ]);
  index.note("n", view("n"));
  expect(index.problems()).toEqual([]);
});

test("a namespace that was made again is found, though the news of the old one's end comes after it", () => {
  const index = indexOf(view("user-anna", { user: user("anna") }));
  index.note("new", view("user-anna", { uid: "new", user: user("anna", 20_009) }));
  index.note("user-anna", undefined);
  expect(index.ofNamespace("user-anna")?.uid).toBe(20_009);
  expect(index.byName("anna")?.uid).toBe(20_009);
  expect(index.problems()).toEqual([]);
});

test.each([
  [["a-anna", "user-anna", "z-anna"], "user-anna", "a-anna, z-anna"],
  [["z-anna", "b-anna"], "b-anna", "z-anna"],
])(
  "of %j that name one user, %s has its say, in any order, and that is a problem",
  (names, first, others) => {
    for (const order of [names, names.toReversed()]) {
      const ids = new Map(names.map((name, place) => [name, 20_000 + place]));
      const index = indexOf(...order.map((name) => view(name, { user: user("anna", ids.get(name)) })));
      expect(index.byName("anna")?.uid).toBe(ids.get(first));
      expect(names.filter((name) => index.ofNamespace(name) !== undefined)).toEqual([first]);
      expect(index.all().length).toBe(1);
      expect(index.problems()).toEqual([`anna has several namespaces: ${first} has its say, not ${others}`]);
      for (const name of others.split(", ")) index.note(name, undefined);
      expect(index.problems()).toEqual([]);
    }
  },
);

test("five thousand users are taken and asked for in no time", () => {
  const before = performance.now();
  const index = indexOf();
  for (let each = 0; each < 5000; each += 1) {
    index.note(`u${each}`, view(`user-u${each}`, { uid: `u${each}`, user: user(`u${each}`) }));
    index.problems();
    index.byName(`u${each}`);
    index.ofNamespace(`user-u${each}`);
  }
  expect(performance.now() - before).toBeLessThan(1000);
});
