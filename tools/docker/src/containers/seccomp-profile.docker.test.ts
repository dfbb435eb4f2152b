import { randomBytes } from "node:crypto";
import { arch } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDocker, type DockerConnection } from "../connect.ts";
import { readContainerLog } from "./container-log.ts";
import { createOptions } from "./settings.ts";
import { waitForContainer } from "./wait-container.ts";

const run = `seccomp-test-${randomBytes(4).toString("hex")}`;
const newUser = 0x10000000;
const vsock = 40;
const algorithms = 38;

/** What the engine's default refuses to a container without capabilities: number on x86-64, then arguments. */
const refusedByDefault: Readonly<Record<string, readonly number[]>> = {
  "unshare -U": [272, newUser],
  "clone into a namespace": [56, newUser],
  clone3: [435, 0, 0],
  setns: [308, -1, 0],
  mount: [165, 0, 0, 0, 0, 0],
  umount2: [166, 0, 0],
  pivot_root: [155, 0, 0],
  chroot: [161, 0],
  fsopen: [430, 0, 0],
  fsmount: [432, -1, 0, 0],
  move_mount: [429, -1, 0, -1, 0, 0],
  open_tree: [428, -1, 0, 0],
  mount_setattr: [442, -1, 0, 0, 0, 0],
  keyctl: [250, 0, -3, 0],
  add_key: [248, 0, 0, 0, 0, 0],
  request_key: [249, 0, 0, 0, 0],
  bpf: [321, 0, 0, 0],
  perf_event_open: [298, 0, 0, -1, -1, 0],
  userfaultfd: [323, 0],
  fanotify_init: [300, 0, 0],
  open_by_handle_at: [304, -1, 0, 0],
  kcmp: [312, 1, 1, 0, 0, 0],
  pidfd_getfd: [438, -1, 0, 0],
  process_madvise: [440, -1, 0, 0, 0, 0],
  move_pages: [279, 0, 0, 0, 0, 0, 0],
  migrate_pages: [256, 0, 0, 0, 0],
  set_mempolicy: [238, 9, 0, 0],
  mbind: [237, 0, 0, 9, 0, 0, 0],
  init_module: [175, 0, 0, 0],
  finit_module: [313, -1, 0, 0],
  kexec_load: [246, 0, 0, 0, 0],
  swapon: [167, 0, 0],
  acct: [163, 0],
  quotactl: [179, 0, 0, 0, 0],
  settimeofday: [164, 0, 0],
  clock_settime: [227, 0, 0],
  iopl: [172, 3],
  ioperm: [173, 0, 1, 1],
  syslog: [103, 3, 0, 0],
  sethostname: [170, 0, 0],
  "personality without random addresses": [135, 0x40000],
};

/** What an engine's default may allow, depending on its release. */
const refusedByUs: Readonly<Record<string, readonly number[]>> = {
  io_uring_setup: [425, 1, 0],
  io_uring_enter: [426, -1, 0, 0, 0, 0, 0],
  io_uring_register: [427, -1, 0, 0, 0],
  "socket of AF_VSOCK": [41, vsock, 1, 0],
  "socket of AF_VSOCK behind 32 other bits": [41, 2 ** 32 + vsock, 1, 0],
  "socketpair of AF_VSOCK": [53, vsock, 1, 0, 0],
  "socket of AF_ALG": [41, algorithms, 5, 0],
};

/** What programs need: it may fail for its arguments, but not with EPERM or ENOSYS. */
const allowed: Readonly<Record<string, readonly number[]>> = {
  "socket of AF_UNIX": [41, 1, 1, 0],
  "socket of AF_INET": [41, 2, 1, 0],
  "socket of AF_INET6": [41, 10, 1, 0],
  "socket of AF_NETLINK": [41, 16, 3, 0],
  "ptrace of what is not there": [101, 16, 999_999, 0, 0],
  process_vm_readv: [310, 999_999, 0, 0, 0, 0, 0],
  "personality of Linux": [135, 0],
  memfd_create: [319, 0, 0],
  "futex of nobody": [202, 0, 1, 1, 0, 0, 0],
  getrandom: [318, 0, 0, 0],
};

let docker: DockerConnection;

beforeAll(async () => {
  docker = await connectDocker();
});

afterAll(async () => {
  const left = await docker.listContainers({
    all: true,
    filters: { label: [`workstation.test-run=${run}`] },
  });
  for (const { Id } of left) await docker.getContainer(Id).remove({ force: true, v: true });
});

const obstacle = arch() === "x64" ? undefined : "the numbers of system calls here are x86-64's";

test.skipIf(obstacle !== undefined)(
  `what the engine's default refuses, ours refuses ${obstacle ?? ""}`,
  async () => {
    const calls = { ...refusedByDefault, ...refusedByUs };
    const ours = await refusedOf(calls);
    const engines = await refusedOf(calls, ["no-new-privileges"]);
    expect(engines).toEqual(expect.arrayContaining(Object.keys(refusedByDefault)));
    expect(engines.filter((each) => !ours.includes(each))).toEqual([]);
    expect(ours).toEqual(Object.keys(calls));
  },
);

test.skipIf(obstacle !== undefined)(`what programs need is there ${obstacle ?? ""}`, async () => {
  expect(await refusedOf(allowed)).toEqual([]);
});

test.skipIf(obstacle !== undefined)(
  `a program of another architecture is ended ${obstacle ?? ""}`,
  async () => {
    // getpid(2) by the gate of 32-bit programs: mov eax, 20; int 0x80; mov edi, eax; mov eax, 60; syscall
    const code = String.raw`\xb8\x14\x00\x00\x00\xcd\x80\x89\xc7\xb8\x3c\x00\x00\x00\x0f\x05`;
    const { exitCode } = await runProbe([
      "bash",
      "-c",
      `${elf(code)} >/tmp/x && chmod +x /tmp/x && exec /tmp/x`,
    ]);
    expect(exitCode).toBe(128 + 31); // SIGSYS
  },
);

/** The smallest program that holds nothing but `code`, as a line of shell that prints it. */
function elf(code: string): string {
  const header = [
    String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00\x01\x00\x00\x00`,
    String.raw`\x78\x00\x40\x00\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00`,
    String.raw`\x00\x00\x00\x00\x40\x00\x38\x00\x01\x00\x00\x00\x00\x00\x00\x00`,
    String.raw`\x01\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00`,
    String.raw`\x00\x00\x40\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00`,
    String.raw`\x00\x10\x00\x00\x00\x00\x00\x00`,
  ].join("");
  return `printf '${header}${code}'`;
}

/** Names of the calls that end with EPERM or ENOSYS, under our settings or with other security options. */
async function refusedOf(
  calls: Readonly<Record<string, readonly number[]>>,
  securityOptions?: readonly string[],
): Promise<readonly string[]> {
  const rows = Object.entries(calls).map(
    ([name, numbers]) => `syscall(${numbers.join(",")}) < 0 && ($!==1 || $!==38) && print "${name}\\n";`,
  );
  const { output } = await runProbe(["perl", "-e", `$|=1; ${rows.join("\n")}`], securityOptions);
  return output.split("\n").filter((line) => line !== "");
}

async function runProbe(command: readonly string[], securityOptions?: readonly string[]) {
  const options = createOptions({
    image: "workstation-base:debian-12",
    command,
    environment: {},
    labels: { "workstation.test-run": run },
    uid: 20_001,
    gid: 20_001,
    hostname: "probe",
    workingFolder: "/",
    limits: {
      cores: 1,
      memoryBytes: 256e6,
      sharedMemoryBytes: 64e6,
      pids: 64,
      openFiles: 1024,
      logBytes: 1e6,
    },
    binds: [],
    scratch: [],
    memoryFolders: [{ target: "/tmp", options: "exec,mode=1777" }],
    network: "none",
    hostEntries: [],
    gpus: [],
  });
  const hostConfig = { ...options.HostConfig };
  if (securityOptions !== undefined) hostConfig.SecurityOpt = [...securityOptions];
  const container = await docker.createContainer({
    _query: {},
    _body: { ...options, HostConfig: hostConfig },
  } as object);
  await container.start();
  const signal = AbortSignal.timeout(30_000);
  const exitCode = await waitForContainer(docker, container.id, signal);
  const lines = await Array.fromAsync(readContainerLog(docker, container.id, { follow: false, signal }));
  return { exitCode, output: lines.map((line) => line.data.toString()).join("") };
}
