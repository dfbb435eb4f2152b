import { expect, test } from "vitest";
import { mountOf, mountsWithin, parseMounts } from "./mount-table.ts";

const mounts = parseMounts(
  [
    "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
    "40 27 0:50 / /var/lib/my\\040state rw,noexec - tmpfs tmpfs rw",
    "41 40 0:51 /users /var/lib/my\\040state/users rw - ext4 /dev/vda rw",
    "42 41 0:51 /users /var/lib/my\\040state/users rw,nosuid,nodev - ext4 /dev/vda rw",
    "43 42 0:52 / /var/lib/my\\040state/users/ann/home rw,nosuid - nfs nfs rw",
    "",
  ].join("\n"),
);

test("a path lies on the deepest mount above it, and on the last of those on one point", () => {
  expect(mountOf(mounts, "/var/lib/my state/users/bob")?.options).toEqual(["rw", "nosuid", "nodev"]);
  expect(mountOf(mounts, "/var/lib/my state/users")?.options).toContain("nodev");
  expect(mountOf(mounts, "/var/lib/my state/usersx")?.point).toBe("/var/lib/my state");
  expect(mountOf(mounts, "/tmp")?.point).toBe("/");
});

test("what is mounted below a path is found, each point once", () => {
  expect(mountsWithin(mounts, "/var/lib/my state/users").map((each) => each.point)).toEqual([
    "/var/lib/my state/users/ann/home",
  ]);
  expect(mountsWithin(mounts, "/var/lib/my state")).toHaveLength(2);
});
