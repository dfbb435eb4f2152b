import { expect, test } from "vitest";
import { cacheCatalogue } from "./cached-catalogue.ts";
import type { CatalogueImage } from "./engine.ts";

test("many who ask together ask the engine once, and a second later it is asked again", async () => {
  let clock = 0;
  let asked = 0;
  const list = async (): Promise<readonly CatalogueImage[]> => {
    asked += 1;
    return [];
  };
  const catalogue = cacheCatalogue({ list }, () => clock);
  await Promise.all(Array.from({ length: 100 }, catalogue.list));
  clock = 999;
  await catalogue.list();
  expect(asked).toBe(1);
  clock = 1001;
  await catalogue.list();
  expect(asked).toBe(2);
});

test("an engine that failed is asked again at once", async () => {
  let down = true;
  const list = async (): Promise<readonly CatalogueImage[]> => {
    if (down) throw new Error("down");
    return [];
  };
  const catalogue = cacheCatalogue({ list }, () => 0);
  await expect(catalogue.list()).rejects.toThrow("down");
  down = false;
  expect(await catalogue.list()).toEqual([]);
});
