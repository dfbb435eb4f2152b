import type { TestDesktop } from "@workstation/images/desktop";

/** A program of the panel's menu. */
export interface MenuEntry {
  readonly id: string;
  readonly command: string;
  readonly inTerminal: boolean;
}

/** What a program that the panel starts finds in its environment. */
export const asInPanel =
  'while IFS= read -r -d "" pair; do export "$pair"; done </proc/$(pgrep -xo lxpanel)/environ; cd ~';

const listing = `${asInPanel}
generator=$(find /usr/lib /usr/libexec -name menu-cache-gen | head -1)
"$generator" -i applications.menu -o /tmp/menu >&2
for id in $(sed -n 's/^-\\(.*\\.desktop\\)$/\\1/p' /tmp/menu | sort -u); do
  for folder in /usr/local/share /usr/share; do
    file=$folder/applications/$id
    [ ! -e "$file" ] || break
  done
  printf '%s\\t%s\\t%s\\n' "$id" "$(sed -n 's/^Exec=//p' "$file" | head -1)" "$(sed -n 's/^Terminal=//p' "$file" | head -1)"
done`;

/** The menu as the panel has it, made by the panel's own library from the desktop's files. */
export async function menuEntries(desktop: TestDesktop): Promise<readonly MenuEntry[]> {
  const { stdout, stderr } = await desktop.shell(listing);
  const entries = stdout.trimEnd().split("\n");
  if (entries[0] === "") throw new Error(`the menu is empty: ${stderr}`);
  return entries.map((line) => {
    const [id = "", command = "", terminal = ""] = line.split("\t");
    return { id, command: command.replaceAll(/\s*%[a-zA-Z]/g, ""), inTerminal: terminal === "true" };
  });
}

/** Starts a program as the panel does. */
export async function startEntry(desktop: TestDesktop, entry: MenuEntry): Promise<void> {
  const command = entry.inTerminal ? `lxterminal -e ${entry.command}` : entry.command;
  await desktop.shell(`${asInPanel}; setsid ${command} >/tmp/started.log 2>&1 &`);
}

/** How many windows programs have open; the desktop's icons and the panel do not count. */
export async function windowCount(desktop: TestDesktop): Promise<number> {
  const { stdout } = await desktop.shell("obxprop --root | sed -n 's/^_NET_CLIENT_LIST(WINDOW) = //p'");
  return stdout.split(",").length - 2;
}
