import { runInImage } from "@workstation/images/test";
import { expect, test } from "vitest";
import { besideDesktop } from "./own-desktop.ts";

test("a part that is killed is started again, and that is said", async () => {
  const { stdout, stderr } = await besideDesktop(`
    rm $small; begin
    for name in xvnc session sshd; do
      old=$(part $name); kill -KILL $old
      renewed() { [ "$(part $name 2>/dev/null)" != "$old" ] && healthy; }
      wait_until renewed; echo "$name"
    done
    grep "started again" "$log" | sort -u`);
  expect(stdout, stderr).toBe(
    [
      ...["xvnc", "session", "sshd"],
      ...["session", "sshd", "xvnc"].map((name) => `workstation: ${name} ended; it is started again`),
      "",
    ].join("\n"),
  );
});

test("a session that cannot be kept alive ends the desktop with exit code 1 and its last words", async () => {
  const line = `mkdir -p ~/.local/bin; printf '#!/bin/sh\necho no screen for you >&2; exit 3\n' >~/.local/bin/workstation-session
    chmod +x ~/.local/bin/workstation-session; exec start-desktop`;
  const { exitCode, stderr } = await runInImage(["bash", "-c", line]);
  expect(exitCode, stderr).toBe(1);
  expect(stderr).toContain("no screen for you\n");
  expect(stderr).toMatch(/workstation: the desktop ends: session ended 5 times within 60 s\n$/);
});

test("a second start of the same container works after a first one that was killed with all its parts", async () => {
  const { stdout, stderr } = await besideDesktop(`
    begin; kill -KILL $desktop $(part supervisord) $(part xvnc) $(part session) $(part sshd)
    touch /tmp/.X0-lock; ls /tmp/.X11-unix/X0
    begin; echo healthy again`);
  expect(stdout, stderr).toBe("/tmp/.X11-unix/X0\nhealthy again\n");
});

test("the host keys are the same at the next start on the same home, and readable for their owner alone", async () => {
  const { stdout, stderr } = await besideDesktop(`
    keys() { ssh-keyscan -p 2222 127.0.0.1 2>/dev/null | sort; }
    begin; keys >/tmp/first; kill -TERM $desktop; wait $desktop
    begin; keys | cmp - /tmp/first && wc -l </tmp/first
    stat -c %a ~/persistent-home/.workstation/host-keys/*`);
  expect(stdout, stderr).toBe("2\n600\n600\n");
});

test("stop-desktop ends it with 0", async () => {
  const { stdout, stderr } = await besideDesktop(
    `begin; stop-desktop; wait $desktop; echo $?; stop-desktop || echo gone`,
  );
  expect(stdout, stderr).toBe("0\ngone\n");
});

test("health says what is missing, and of a failed init.sh, which counts where the policy is fail", async () => {
  const line = `echo exit 7 >~/persistent-home/init.sh
    (unset WORKSTATION_INIT_POLICY; /usr/local/lib/workstation/run-init)
    workstation-health; begin; workstation-health
    sed -i 's/"continue"/"fail"/' $WORKSTATION_RUN/init.json; workstation-health
    sed -i 's/"failed"/"running"/' $WORKSTATION_RUN/init.json; workstation-health
    kill -STOP $(part xvnc) $(part sshd); workstation-health; kill -CONT $(part xvnc) $(part sshd)
    kill -TERM $desktop; wait $desktop`;
  const { stdout, stderr } = await besideDesktop(line);
  expect(stdout.trim().split("\n"), stderr).toEqual([
    "not ready yet: the desktop has not started",
    "healthy; init.sh: failed: exit code 7",
    "unhealthy: init.sh failed: exit code 7",
    "healthy; init.sh: running",
    "unhealthy: VNC does not answer; SFTP does not answer",
  ]);
});

test("no program of the session can open the clipboard to the outside", async () => {
  const { stdout, stderr } = await besideDesktop(`
    begin; export DISPLAY=:0; export XAUTHORITY=$(find /run/workstation /dev/shm -name Xauthority)
    for each in SendCutText SendPrimary; do
      vncconfig -set $each=1 >&2; vncconfig -get $each
    done; vncconfig -get AcceptCutText`);
  expect(stdout, stderr).toBe("0\n0\n1\n");
});

test("a client without the key of this start is refused the display, which listens at no TCP port or abstract socket", async () => {
  const { stdout, stderr } = await besideDesktop(`
    begin; export DISPLAY=:0; key=$(find /run/workstation /dev/shm -name Xauthority); stat -c %a $key
    xauth -q -f /tmp/other add :0 . $(printf '%032d' 7)
    for each in $key /tmp/none /tmp/other; do
      XAUTHORITY=$each vncconfig -get desktop >/tmp/said 2>&1 && echo "let in" && continue
      grep -o "Authorization required\\|Invalid MIT-MAGIC-COOKIE-1 key" /tmp/said
    done
    (: </dev/tcp/127.0.0.1/6000) 2>/dev/null || echo no TCP
    grep -q @/tmp/.X11-unix /proc/net/unix || echo no abstract socket`);
  const refused = ["Authorization required", "Invalid MIT-MAGIC-COOKIE-1 key"];
  expect(stdout, stderr).toBe(["600", "let in", ...refused, "no TCP", "no abstract socket", ""].join("\n"));
});
