import type { PublishedPort } from "@workstation/docker";
import { desktopPorts } from "@workstation/site";
import type { SchedulerHere } from "./find-scheduler.ts";
import type { Passwords } from "./passwords.ts";
import { reachable } from "./published-ports.ts";

/** All that a person has to know of a desktop that runs. */
export interface DesktopFacts {
  readonly name: string;
  readonly image: string;
  /** Whose it is; undefined: nobody's. */
  readonly owner: string | undefined;
  /** The account inside. */
  readonly account: string;
  readonly ports: readonly PublishedPort[];
  readonly passwords: Passwords;
  readonly scheduler: SchedulerHere | undefined;
  /** Opens the desktop in a browser, once. */
  readonly link: string | undefined;
  readonly detached: boolean;
}

/** How to connect, for a person. */
export function connectionNotes(facts: DesktopFacts): string {
  const vnc = facts.ports.find((port) => port.containerPort === desktopPorts.vnc);
  const ssh = facts.ports.find((port) => port.containerPort === desktopPorts.ssh);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["browser", facts.link === undefined ? undefined : `${facts.link} (opens once)`],
    ["VNC", vnc && `${place(vnc)}, ${secret(facts.passwords.vnc, "give one with --vnc-password-file")}`],
    [
      "SFTP",
      ssh &&
        `sftp -P ${ssh.hostPort} ${facts.account}@${reachable(ssh.address)}, ${secret(facts.passwords.ssh, "a key in ~/persistent-home/.ssh/authorized_keys opens it")}`,
    ],
    ["jobman", jobmanNote(facts)],
    ["stop", `npm run images -- run --stop ${facts.name}${facts.detached ? "" : ", or Ctrl-C"}`],
  ];
  const title = `${facts.owner === undefined ? "A desktop" : `The desktop of ${facts.owner}`}: ${facts.name}, of ${facts.image}`;
  const lines = rows.flatMap(([what, text]) => (text === undefined ? [] : [`  ${what.padEnd(8)} ${text}`]));
  return ["", title, ...lines, ""].join("\n");
}

/** The same for a program. */
export function connectionData(facts: DesktopFacts) {
  const { name, image, owner = null, account, passwords, scheduler, link = null } = facts;
  const server = (containerPort: number, password: string | undefined) => {
    const port = facts.ports.find((each) => each.containerPort === containerPort);
    return port === undefined
      ? null
      : { host: reachable(port.address), port: port.hostPort, password: password ?? null };
  };
  return {
    name,
    image,
    owner,
    account,
    vnc: server(desktopPorts.vnc, passwords.vnc),
    ssh: server(desktopPorts.ssh, passwords.ssh),
    scheduler: scheduler?.answers ?? false,
    link,
  };
}

function place({ address, hostPort }: PublishedPort): string {
  return `${reachable(address)}:${hostPort}`;
}

function secret(password: string | undefined, otherwise: string): string {
  return password === undefined ? `no password came that can be shown: ${otherwise}` : `password ${password}`;
}

function jobmanNote({ owner, scheduler }: DesktopFacts): string {
  if (owner === undefined || scheduler === undefined)
    return "no: nobody's desktop sends no jobs; name a user with --user";
  if (scheduler.answers) return "jobs go to the scheduler of this machine";
  return scheduler.folder
    ? "no scheduler runs: as soon as `npm run scheduler -- serve --engine docker` does, jobs go to it"
    : "no scheduler ever ran here for this user: start one with `npm run scheduler -- serve --engine docker`, then the desktop again";
}
