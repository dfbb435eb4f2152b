import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  containerAddress,
  createIsolatedNetwork,
  type DockerConnection,
  type ExecEnd,
  execInContainer,
  removeNetwork,
} from "@workstation/docker";
import { desktopPorts, imageLabels } from "@workstation/site";
import { decode } from "fast-png";
import type { VncAddress } from "../rfb/handshake.ts";
import { blackPicture, type Picture, pngOf } from "../rfb/picture.ts";
import { connectVnc, type VncClient, type VncOptions } from "../rfb/vnc-client.ts";
import { type ContainerOptions, connection, imageUnderTest, startContainer, testRun } from "./container.ts";

export type { VncAddress } from "../rfb/handshake.ts";
export { changeBetween, coloursOf, copyOf, isBlank, type Picture, type Region } from "../rfb/picture.ts";
export { connectVnc, type VncClient } from "../rfb/vnc-client.ts";
export { startWebDesktop } from "../web/start-web-desktop.ts";
export {
  openTerminal,
  panelHeight,
  panelOf,
  type Terminal,
  waitForDesktop,
  waitForPanel,
} from "./desktop-screen.ts";
export { type Listener, listenBeside } from "./listen-beside.ts";
export { captureWithVncdotool, witnessLimitMs } from "./witness.ts";

/** A desktop that a test started, in a network without a way out; it is removed when the test calls `remove`. */
export interface TestDesktop {
  readonly id: string;
  readonly vnc: VncAddress;
  /** The next client of its VNC server, as soon as that lets one in. */
  readonly connect: (options?: VncOptions) => Promise<VncClient>;
  /** Runs a line of shell in the session, with its display, and waits for its end. */
  readonly shell: (line: string) => Promise<ExecEnd>;
  readonly remove: () => Promise<void>;
}

const startLimitMs = 60_000;
const shellLimitMs = 300_000;

/** Starts the image's own command as a site starts a desktop: hardened, with passwords that are given as files. */
export async function startDesktop(options: ContainerOptions = {}): Promise<TestDesktop> {
  const docker = await connection();
  const secrets = makeSecrets();
  const network = `${testRun}-${randomBytes(4).toString("hex")}`;
  const networkId = await createIsolatedNetwork(docker, network, { [imageLabels.testRun]: testRun });
  const dispose = async () => {
    await removeNetwork(docker, networkId);
    rmSync(secrets.folder, { recursive: true });
  };
  try {
    const container = await startContainer(["start-desktop"], {
      ...options,
      network,
      kind: "desktop",
      binds: [
        ...(options.binds ?? []),
        { source: join(secrets.folder, "files"), target: "/run/secrets", readOnly: true },
      ],
    });
    const address = await containerAddress(docker, container.id, network);
    if (address === undefined) throw new Error("the container ended at once");
    return desktopAt(docker, container.id, {
      vnc: { host: address, port: desktopPorts.vnc, password: secrets.vncPassword },
      dispose: async () => {
        await container.remove();
        await dispose();
      },
    });
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Keeps a picture for people to look at, in the git-ignored `.local/screenshots`; answers its path. */
export function keepScreenshot(picture: Picture, name: string, image: string = imageUnderTest()): string {
  return keepPng(pngOf(picture), name, image);
}

/** The same with a PNG that a browser made. */
export function keepPng(png: Uint8Array, name: string, image: string = imageUnderTest()): string {
  const folder = join(import.meta.dirname, "../../../../.local/screenshots", fileName(image));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${fileName(name)}.png`);
  writeFileSync(path, png);
  return path;
}

/** A picture that another program wrote as PNG. */
export function readPicture(file: string): Picture {
  const { width, height, data, channels } = decode(readFileSync(file));
  const picture = blackPicture(width, height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const from = pixel * channels;
    for (let colour = 0; colour < 3; colour += 1) {
      picture.pixels[pixel * 4 + colour] = data[from + (channels < 3 ? 0 : colour)] ?? 0;
    }
  }
  return picture;
}

interface Running {
  readonly vnc: VncAddress;
  readonly dispose: () => Promise<void>;
}

function desktopAt(docker: DockerConnection, id: string, { vnc, dispose }: Running): TestDesktop {
  const clients: VncClient[] = [];
  const environment = { DISPLAY: ":0", XAUTHORITY: "/run/workstation/desktop/Xauthority" };
  return {
    id,
    vnc,
    connect: async (options) => {
      const client = await patiently(() => connectVnc(vnc, options));
      clients.push(client);
      return client;
    },
    shell: (line) =>
      execInContainer(docker, id, { command: ["bash", "-c", line], environment, limitMs: shellLimitMs }),
    remove: async () => {
      for (const client of clients) client.close();
      await dispose();
    },
  };
}

/** A server that starts is not there at first. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + startLimitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The container's user, whoever that is, reads the files; nobody else here reaches them. */
function makeSecrets(): { readonly folder: string; readonly vncPassword: string } {
  const folder = mkdtempSync(join(tmpdir(), "desktop-secrets-"));
  mkdirSync(join(folder, "files"), { mode: 0o755 });
  const vncPassword = randomBytes(4).toString("hex");
  writeFileSync(join(folder, "files/vnc-password"), `${vncPassword}\n`, { mode: 0o444 });
  return { folder, vncPassword };
}

function fileName(text: string): string {
  return text.replaceAll(/[^\w.-]+/g, "-");
}
