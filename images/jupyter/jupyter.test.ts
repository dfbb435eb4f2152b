import { containerProcesses } from "@workstation/docker";
import { noBrowserInside, openBrowserIn } from "@workstation/images/browser";
import { startDesktop, type TestDesktop } from "@workstation/images/desktop";
import { connection } from "@workstation/images/test";
import { afterAll, beforeAll, expect, test } from "vitest";

let desktop: TestDesktop;
/** The page that a shortcut opens in the browser. */
let page: string;

beforeAll(async () => {
  desktop = await startDesktop();
  page = (await run("WORKSTATION_JUPYTER_PAGE=1 workstation-jupyter lab")).trim();
}, 120_000);
afterAll(() => desktop.remove());

async function run(line: string): Promise<string> {
  const { exitCode, stdout, stderr } = await desktop.shell(line);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

async function link(): Promise<string> {
  const url = /url=([^"]+)"/.exec(await run(`cat ${page}`))?.[1];
  if (url === undefined) throw new Error("the page leads nowhere");
  return url.replaceAll("&amp;", "&");
}

test("it answers on loopback alone, and without its token not at all", async () => {
  const { origin } = new URL(await link());
  expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const listening = await run("cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == \"0A\" {print $2}'");
  const port = Number(new URL(origin).port).toString(16).toUpperCase();
  expect(listening.split("\n").filter((line) => line.endsWith(`:${port}`))).toEqual([`0100007F:${port}`]);
  const status = "curl -s -o /dev/null -w '%{http_code}'";
  expect(await run(`${status} ${origin}/api/contents`)).toBe("403");
  expect(await run(`${status} '${origin}/api/contents?token=wrong'`)).toBe("403");
  expect(await run(`curl -s -L ${origin}/lab`)).toContain("Token authentication is enabled");
});

test("its token is in no argument, environment or file that others can read", async () => {
  const token = new URL(await link()).searchParams.get("token");
  expect(token).toMatch(/^[0-9a-f]{40,}$/);
  const seen = await run("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; true");
  expect(seen).not.toContain(token);
  const folder = page.slice(0, page.lastIndexOf("/"));
  expect((await run(`stat -c %a ${folder}`)).trim()).toBe("700");
  const elsewhere = await run(
    `find ~ /tmp /var/tmp /run /dev/shm -xdev -path ${folder} -prune -o -type f -exec grep -lF ${token} {} + 2>/dev/null || true`,
  );
  expect(elsewhere).toBe("");
});

test("a second shortcut opens the server that runs", async () => {
  const before = new URL(await link());
  await run("WORKSTATION_JUPYTER_PAGE=1 workstation-jupyter notebook");
  expect((await run("pgrep -fc 'jupyter[-]lab'")).trim()).toBe("1");
  const after = await run(`cat ${page.replace("open-lab", "open-tree")}`);
  expect(after).toContain(`${before.origin}/tree?token=${before.searchParams.get("token")}`);
});

test("the menu has one entry for each, the one that opens logged in", async () => {
  expect(await run("ls /usr/local/share/applications | grep -i jupyter")).toBe(
    "workstation-jupyter-lab.desktop\nworkstation-jupyter-notebook.desktop\n",
  );
  expect(await run("ls ~/Desktop | grep -i jupyter")).toBe(
    "workstation-jupyter-lab.desktop\nworkstation-jupyter-notebook.desktop\n",
  );
});

test("a file elsewhere than in the home is refused by name", async () => {
  const { exitCode, stderr } = await desktop.shell("DISPLAY= workstation-jupyter lab /etc/passwd");
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining("/etc/passwd is not")]);
});

test("it asks nobody for news, updates or extensions", async () => {
  const { origin, search } = new URL(await link());
  const settings = await run(`curl -s '${origin}/lab${search}'`);
  expect(settings).toMatch(/"disabledExtensions": \[[^\]]*"@jupyterlab\/apputils-extension:announcements"/);
  expect(settings).toMatch(/"disabledExtensions": \[[^\]]*"@jupyterlab\/extensionmanager-extension"/);
});

test("the shortcut opens it logged in, and a cell runs", async ({ skip }) => {
  skip(noBrowserInside !== undefined, noBrowserInside);
  const [pid = 0] = await containerProcesses(await connection(), desktop.id);
  const browser = await openBrowserIn(pid);
  try {
    const tab = await browser.newPage();
    tab.setDefaultTimeout(60_000);
    const url = new URL(await link());
    await tab.goto(`${url.origin}/lab`);
    await tab.waitForSelector("input[type=password]");
    await tab.goto(url.href);
    await tab.locator('.jp-LauncherCard[data-category="Notebook"]').first().click();
    await tab.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
    const cell = tab.locator(".jp-CodeCell .cm-content").first();
    const output = tab.locator(".jp-OutputArea-output", { hasText: "42 from a cell" });
    // A notebook that is still being opened takes the focus, or the keys, away.
    await expect
      .poll(
        async () => {
          await cell.click();
          await tab.keyboard.press("Control+a");
          await tab.keyboard.type("print(6 * 7, 'from a cell')");
          await tab.keyboard.press("Control+Enter");
          await output.waitFor({ timeout: 5000 }).catch(() => undefined);
          return output.count();
        },
        { timeout: 90_000 },
      )
      .toBeGreaterThan(0);
  } finally {
    await browser.close();
  }
});
