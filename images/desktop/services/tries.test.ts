import { connectVnc, startDesktop, type TestDesktop } from "@workstation/images/desktop";
import { afterAll, beforeAll, expect, test } from "vitest";

let desktop: TestDesktop;
beforeAll(async () => {
  desktop = await startDesktop();
  (await desktop.connect()).close();
});
afterAll(() => desktop?.remove());

test("who has the right password gets in within seconds, however many wrong ones came from the same address", async () => {
  const wrong = { ...desktop.vnc, password: "notthis1" };
  for (let tries = 0; tries < 20; tries += 1) {
    await expect(connectVnc(wrong)).rejects.toMatchObject({
      code: "VNC_REFUSED",
      message: expect.stringMatching(/fail/i),
    });
  }
  const before = performance.now();
  const owner = await connectVnc(desktop.vnc);
  owner.close();
  expect(performance.now() - before).toBeLessThan(5000);
});
