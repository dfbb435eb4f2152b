import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { preparePlainStart } from "./plain-start.ts";

describe("the status file", () => {
  test("says running while init.sh runs", async () => {
    const start = await preparePlainStart();
    await start.writeInit('cp "$WORKSTATION_RUN/init.json" seen.json\n');
    await start.start(["true"]);
    const seen = JSON.parse(await readFile(join(start.home, "seen.json"), "utf8"));
    expect(seen).toMatchObject({ state: "running", policy: "continue", timeLimitSeconds: 600 });
  });

  test("is JSON whatever the home is called", async () => {
    const start = await preparePlainStart();
    const home = join(start.home, 'a "quoted" \\ & \n home');
    await mkdir(home, { mode: 0o777 });
    await start.start(["true"], { env: { HOME: home } });
    expect((await start.status()).script).toBe(`${home.replace("\n", "?")}/persistent-home/init.sh`);
  });

  test("of an earlier start is gone at the next one, with its log and variables", async () => {
    const start = await preparePlainStart();
    await start.writeInit('echo A=1 > "$WORKSTATION_ENV"; echo first; exit 4\n');
    await start.start(["true"]);
    await start.writeInit("");
    expect(await start.start(['echo "A is $A."'])).toMatchObject({ stdout: "A is .\n" });
    expect(await start.status()).toMatchObject({ state: "succeeded" });
    expect(await start.log()).toBe("");
  });

  test.each(["mkfifo", "mkdir"])(
    "and the other files are made anew when init.sh put something else there: %s",
    async (make) => {
      const start = await preparePlainStart();
      const files = ["env", "init.log", "init.json", "init.json.new"]
        .map((name) => `"$WORKSTATION_RUN/${name}"`)
        .join(" ");
      await start.writeInit(`rm -f ${files}; ${make} ${files}\n`);
      await start.start(["true"]);
      await start.writeInit('echo seen; echo A=1 > "$WORKSTATION_ENV"\n');
      expect(await start.start(["printenv", "A"])).toMatchObject({ stdout: "1\n", code: 0 });
      expect(await start.status()).toMatchObject({ state: "succeeded" });
      expect(await start.log()).toBe("seen\n");
    },
  );
});
