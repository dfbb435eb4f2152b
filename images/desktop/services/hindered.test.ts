import { expect, test } from "vitest";
import { besideDesktop } from "./own-desktop.ts";

test.each([
  ["a FIFO", "mkfifo $key", "it is no regular file"],
  ["a folder", "mkdir $key", "it is no regular file"],
  ["a link to a FIFO", "mkfifo $key.fifo; ln -s $key.fifo $key", "it is no regular file"],
  ["a link to a device", "ln -s /dev/zero $key", "it is no regular file"],
  ["a file of 2 GB", "truncate -s 2G $key", "it is larger than 16384 bytes"],
])("%s as a kept host key: the desktop starts with a key of its own, and says why", async (_, make, why) => {
  const { stdout, stderr } = await besideDesktop(`
    folder=~/persistent-home/.workstation/host-keys; key=$folder/ssh_host_ed25519_key
    mkdir -p $folder; ${make}
    begin; passwords; grep -o "ssh_host_ed25519_key cannot .*" "$log"
    ssh-keyscan -p 2222 127.0.0.1 2>/dev/null | wc -l`);
  expect(stdout, stderr).toBe(
    `ssh_host_ed25519_key cannot be used or kept (${why}): this start has one of its own\n2\n`,
  );
});

test("FIFOs where the parts note themselves hold up neither the health check nor a new start of the parts", async () => {
  const { stdout, stderr } = await besideDesktop(`
    begin
    for name in session xvnc sshd; do
      id=$(part $name); file=$(dirname "$(find /run/workstation/desktop /dev/shm -name desktop.pid)")/$name.pid
      rm $file; mkfifo -m 600 $file
      [ $name != session ] || timeout 20 workstation-health
      kill -KILL $id
      regular() { [ -f $file ] && healthy; }
      wait_until regular; echo $name
    done`);
  expect(stdout, stderr).toBe("unhealthy: the session is not running\nsession\nxvnc\nsshd\n");
});
