import { expect, test } from "vitest";
import { cacheList } from "./cached-list.ts";
import type { CatalogueImage } from "./engine.ts";

test("many who ask together ask the engine once, and a second later it is asked again", async () => {
  let clock = 0;
  let asked = 0;
  const list = async (): Promise<readonly CatalogueImage[]> => {
    asked += 1;
    return [];
  };
  const cached = cacheList(list, () => clock);
  await Promise.all(Array.from({ length: 100 }, cached));
  clock = 999;
  await cached();
  expect(asked).toBe(1);
  clock = 1001;
  await cached();
  expect(asked).toBe(2);
});

test("an engine that failed is asked again at once", async () => {
  let down = true;
  const list = async (): Promise<readonly CatalogueImage[]> => {
    if (down) throw new Error("down");
    return [];
  };
  const cached = cacheList(list, () => 0);
  await expect(cached()).rejects.toThrow("down");
  down = false;
  expect(await cached()).toEqual([]);
});
