import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerOptions } from "@workstation/images/test";
import { describe, expect, onTestFinished, test } from "vitest";
import { besideDesktop } from "./own-desktop.ts";

const rows: Readonly<Record<string, ContainerOptions>> = {
  "the site's user": {},
  "the site's user, with an empty volume as home": { emptyHome: true },
  "an arbitrary uid of group 0, with an empty volume as home": { uid: 12_345, gid: 0, emptyHome: true },
};

test.each(Object.entries(rows))(
  "%s uploads with the password, and cannot download",
  async (_row, options) => {
    const { stdout, stderr } = await besideDesktop(
      `begin; passwords
    head -c 3000000 /dev/urandom >/tmp/file
    printf 'put /tmp/file\nput /tmp/file persistent-home/renamed\nmkdir new\nls\n' | batch
    cmp /tmp/file ~/file && cmp /tmp/file ~/persistent-home/renamed && echo arrived
    printf 'get file /tmp/copy\n' | batch; [ -s /tmp/copy ] || echo nothing came`,
      options,
    );
    expect(stdout, stderr).toContain("\narrived\n");
    expect(stdout).toMatch(/\bpersistent-home +/);
    expect(stdout).toMatch(/read remote .*: Permission denied\s+nothing came\n$/);
  },
);

test("nothing comes out: not as a file, through a command, a shell, a terminal, or under a second name", async () => {
  const { stdout, stderr } = await besideDesktop(
    `begin; passwords; echo content >~/secret; mkdir ~/folder; cp ~/secret ~/folder
    try() {
      before=$(logins); "$@" >/tmp/said 2>&1 </tmp/commands; cat /tmp/said >&2
      for _ in {1..50}; do [ "$(logins)" -gt "$before" ] && break; sleep 0.1; done
      echo "$([ "$(logins)" -gt "$before" ] && echo in), $(grep -rs content /tmp/copy /tmp/said)"
    }
    for each in 'get secret /tmp/copy' 'reget secret /tmp/copy' 'get -r folder /tmp/copy' \
      'symlink secret other' 'ln secret other' 'copy secret other'; do
      echo "$each" >/tmp/commands; try batch
    done
    echo cat secret >/tmp/commands
    try client scp -P 2222 "$me@127.0.0.1:secret" /tmp/copy
    try client scp -O -P 2222 "$me@127.0.0.1:secret" /tmp/copy
    try client ssh -p 2222 "$me@127.0.0.1" cat secret
    try client ssh -p 2222 "$me@127.0.0.1"
    try client ssh -tt -p 2222 "$me@127.0.0.1"
    ls ~ | grep other; echo looked`,
  );
  expect(stdout, stderr).toBe(`${"in, \n".repeat(11)}looked\n`);
});

test("a wrong password, root, another name and another key are refused; a key of the persistent home opens", async () => {
  const { stdout, stderr } = await besideDesktop(
    `begin; passwords; right=$answer
    for key in own other; do ssh-keygen -q -t ed25519 -N '' -f /tmp/$key; done
    mkdir -p ~/persistent-home/.ssh; cp /tmp/own.pub ~/persistent-home/.ssh/authorized_keys
    chmod -R a+rwX ~/persistent-home/.ssh
    try() { before=$(logins); client ssh -p 2222 "$@" >&2; echo $(($(logins) - before)); }
    answer=wrong; try "$me@127.0.0.1"; try -i /tmp/other "$me@127.0.0.1"; try -i /tmp/own "$me@127.0.0.1"
    answer=$right; try root@127.0.0.1; try nobody@127.0.0.1; try "$me@127.0.0.1"`,
  );
  expect(stdout.trim().split("\n"), stderr).toEqual(["0", "0", "1", "0", "0", "1"]);
});

test("no forwarding is had: local, dynamic, remote, to a socket, of the agent", async () => {
  const { stdout, stderr } = await besideDesktop(
    `begin; passwords
    client ssh -N -L 7001:127.0.0.1:5900 -D 7002 -p 2222 "$me@127.0.0.1" >&2 &
    listens() { (exec 5<>/dev/tcp/127.0.0.1/$1) 2>/dev/null; }
    wait_until listens 7001; wait_until listens 7002
    python3 -c '
import socket
local = socket.create_connection(("127.0.0.1", 7001), 20)
print(local.recv(64))
dynamic = socket.create_connection(("127.0.0.1", 7002), 20)
dynamic.sendall(bytes([5, 1, 0]))
print(dynamic.recv(2))
dynamic.sendall(bytes([5, 1, 0, 1, 127, 0, 0, 1]) + (5900).to_bytes(2, "big"))
print(b"RFB" in dynamic.recv(10) + dynamic.recv(64))'
    ask() { client ssh -o ExitOnForwardFailure=yes -p 2222 "$@" "$me@127.0.0.1" </dev/null 2>&1 | tail -1; }
    ask -N -R 7003:127.0.0.1:5900
    ask -N -R /tmp/socket:127.0.0.1:5900; ls /tmp/socket 2>/dev/null
    ask -W 127.0.0.1:5900
    eval "$(ssh-agent)" >&2
    ask -A; ls -d /tmp/ssh-* | wc -l`,
  );
  expect(stdout.replaceAll("\r", "").trim().split("\n"), stderr).toEqual([
    "b''",
    String.raw`b'\x05\x00'`,
    "False",
    "Error: remote port forwarding failed for listen port 7003",
    expect.stringMatching(/^Error: remote port forwarding failed for listen path/),
    "stdio forwarding failed",
    "This service allows sftp connections only.",
    "1",
  ]);
});

describe("what site.yaml allows", () => {
  test("to download and not to upload: files are read, none is written", async () => {
    const { stdout, stderr } = await besideDesktop(
      `begin; passwords; echo content >~/secret
      printf 'get secret /tmp/copy\n' | batch >&2; cat /tmp/copy
      printf 'put /tmp/copy new\n' | batch >&2; printf 'rm secret\n' | batch >&2; ls ~/new; cat ~/secret`,
      await withDirections("FILES_UPLOAD=no\nFILES_DOWNLOAD=yes\n"),
    );
    expect(stdout, stderr).toBe("content\ncontent\n");
  });

  test("no files at all: nothing listens, and the desktop is healthy", async () => {
    const { stdout, stderr } = await besideDesktop(
      `begin; passwords; cat /tmp/passwords | cut -c1-3; (exec 5<>/dev/tcp/127.0.0.1/2222) || echo refused`,
      await withDirections("FILES_UPLOAD=no\nFILES_DOWNLOAD=no\n"),
    );
    expect(stdout, stderr).toBe("VNC\nrefused\n");
  });
});

async function withDirections(text: string): Promise<ContainerOptions> {
  const folder = await mkdtemp(join(tmpdir(), "desktop-directions-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const source = join(folder, "desktop.conf");
  await writeFile(source, text);
  return { binds: [{ source, target: "/etc/workstation/desktop.conf", readOnly: true }] };
}
