import { type ContainerOptions, paths, site } from "@workstation/images/test";
import { describe, expect, test } from "vitest";
import { besideSession } from "./own-session.ts";

const ofGroup0 = { uid: 12_345, gid: 0 };
const rows: Readonly<Record<string, ContainerOptions>> = {
  "the site's user": {},
  "the site's user, with an empty volume as home": { emptyHome: true },
  "an arbitrary uid of group 0, with an empty volume as home": { ...ofGroup0, emptyHome: true },
};

describe.each(Object.entries(rows))("the session of %s", (_row, options) => {
  test("has icons, a panel, and the shortcuts that say where things are", async () => {
    const { stdout, stderr } = await besideSession("clients | sort; ls ~/Desktop | grep -v jupyter", options);
    expect(stdout.trim().split("\n"), stderr).toEqual([
      "Pcmanfm",
      "lxpanel",
      "workstation-browser.desktop",
      "workstation-datasets.desktop",
      "workstation-examples.desktop",
      "workstation-files.desktop",
      "workstation-persistent-home.desktop",
      "workstation-terminal.desktop",
    ]);
  });
});

test("its wallpaper says whose desktop this is, whatever the name is made of", async () => {
  const look = `grep -o "Desktop of .*" $XDG_RUNTIME_DIR/wallpaper.svg | tail -1`;
  const site_ = await besideSession(look);
  expect(site_.stdout, site_.stderr).toContain(`Desktop of ${site.user.name}<`);
  const named = await besideSession(look, { environment: { WORKSTATION_OWNER: 'Ana & "Bo" </text> Ω' } });
  expect(named.stdout, named.stderr).toContain('Desktop of Ana  "Bo" /text Ω<');
});

test("a part that dies is started again", async () => {
  const { stdout, stderr } = await besideSession(`
    old=$(pgrep -x lxpanel); kill $old
    fresh() { new=$(pgrep -x lxpanel) && [ "$new" != "$old" ] && shown lxpanel; }
    wait_until fresh; cat /tmp/session.log >&2
    clients | sort`);
  expect(stdout, stderr).toBe("Pcmanfm\nlxpanel\n");
  expect(stderr).toContain("the panel of the desktop ended with 143, it is started again");
});

test("a part that keeps dying ends the session, which says so", async () => {
  const { stdout } = await besideSession(`
    while kill -0 $session 2>/dev/null; do pkill -x openbox; sleep 0.1; done
    wait $session; echo "ended with $?"; tail -1 /tmp/session.log`);
  expect(stdout).toMatch(/^ended with 1\n.*its window-manager \(openbox .*\) keeps ending/);
});

test("it ends with 0 when it is told to, and takes its parts with it", async () => {
  const { stdout, stderr } = await besideSession(`
    kill -TERM $session; wait $session; echo "ended with $?"
    pgrep -lx 'openbox|lxpanel|pcmanfm|dbus-daemon'`);
  expect(stdout, stderr).toBe("ended with 0\n");
});

test("a second session on the same home has its own panel, browser profile and notifications", async () => {
  const { stdout, stderr } = await besideSession(`
    Xvnc :1 -rfbport 5901 -SecurityTypes None >/dev/null 2>&1 &
    mkdir /tmp/other
    export DISPLAY=:1; wait_until has_display
    TMPDIR=/tmp/other XDG_RUNTIME_DIR= DBUS_SESSION_BUS_ADDRESS= workstation-session >/tmp/other/log 2>&1 &
    wait_until shown lxpanel; wait_until shown pcmanfm
    clients | sort; DISPLAY=:0 clients | sort; cat /tmp/other/log >&2`);
  expect(stdout, stderr).toBe("Pcmanfm\nlxpanel\nPcmanfm\nlxpanel\n");
});

test("a notification is shown, also from outside the session", async () => {
  const { stdout, exitCode, stderr } = await besideSession(`
    unset DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR
    workstation-notify "init.sh failed" "a < b & c" || exit 1
    workstation-notify "init.sh failed" "once more" || exit 1
    set_bus; listens() { dunstctl count displayed >/dev/null 2>&1; }; wait_until listens
    dunstctl count displayed`);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe("1\n");
});

test("workstation-notify says without a session that nobody sees it", async () => {
  const { stdout } = await besideSession(
    "kill $session; wait $session; rm -rf $XDG_RUNTIME_DIR; unset DBUS_SESSION_BUS_ADDRESS; workstation-notify x; echo $?",
  );
  expect(stdout).toBe("1\n");
});

test("nothing runs that nobody asked for, and nothing keeps the processor or the memory busy", async () => {
  const { stdout, stderr } = await besideSession(`
    used() { cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' | awk '{ ticks += $12 + $13 } END { print ticks * 10 }'; }
    quiet() { before=$(used); sleep 2; [ $(($(used) - before)) -lt 30 ]; }
    wait_until quiet
    ps -o comm= -e | sort -u | tr '\\n' ' '; echo
    before=$(used); sleep 10; echo $(($(used) - before))
    cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '$1 == "Pss_Anon:" || $1 == "Pss_Shmem:" { sum += $2 } END { print int(sum / 1000) }'`);
  const [programs = "", cpuMs = "", megabytes = ""] = stdout.trim().split("\n");
  const ours = "Xvnc dbus-daemon lxpanel menu-cached openbox pcmanfm workstation-ses";
  const tests = "bash entrypoint ps sort tini tr";
  const expected = `${ours} ${tests}`.split(" ");
  expect(
    programs
      .trim()
      .split(" ")
      .filter((each) => !expected.includes(each)),
    stderr,
  ).toEqual([]);
  expect(Number(cpuMs)).toBeLessThan(100);
  expect(Number(megabytes)).toBeLessThan(100);
  console.log(`idle: ${cpuMs} ms of processor time in 10 s, ${megabytes} MB`);
});

test("a folder that others may write is no blue on green in a terminal", async () => {
  const { stdout, stderr } = await besideSession(
    `lxterminal -e "bash -ic 'echo \\$LS_COLORS >/tmp/colours'" & wait_until test -s /tmp/colours; tr : '\n' </tmp/colours | grep -E '^(ow|tw)='`,
  );
  expect(stdout, stderr).toBe("tw=01;04;34\now=01;04;34\n");
});

test("what a session keeps for itself stays off persistent-home", async () => {
  const { stdout, stderr } = await besideSession(
    `find ${paths.persistentHome} -mindepth 1 -not -name init.sh`,
  );
  expect(stdout, stderr).toBe("");
});
