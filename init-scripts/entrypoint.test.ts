import { describe, expect, test } from "vitest";
import { preparePlainStart } from "./plain-start.ts";

describe("a desktop", () => {
  const desktop = { WORKSTATION_KIND: "desktop" };

  test("does not wait for init.sh, which runs beside the session", async () => {
    const start = await preparePlainStart();
    await start.writeInit("until [ -e go ]; do sleep 0.05; done; echo done\n");
    const line =
      "touch ~/go; until grep -q succeeded $WORKSTATION_RUN/init.json; do sleep 0.05; done; echo session";
    expect(await start.start([line], { env: desktop })).toMatchObject({ stdout: "session\n", code: 0 });
    expect(await start.log()).toBe("done\n");
  });

  test("starts its session even when init.sh fails and the policy is fail", async () => {
    const start = await preparePlainStart();
    await start.writeInit("exit 1\n");
    const line = "until grep -q failed $WORKSTATION_RUN/init.json; do sleep 0.05; done; echo session";
    expect(await start.start([line], { env: { ...desktop, WORKSTATION_INIT_POLICY: "fail" } })).toMatchObject(
      {
        stdout: "session\n",
      },
    );
  });
});
