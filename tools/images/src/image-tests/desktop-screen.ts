import { changeBetween, coloursOf, copyOf, type Picture, type Region } from "../rfb/picture.ts";
import type { VncClient } from "../rfb/vnc-client.ts";

/** What the tests know of this desktop's look: a panel along the lower edge, with the menu at its left end. */
export const panelHeight = 32;

/** Where the panel lies on a screen as large as this client's. */
export function panelOf({ picture }: VncClient): Region {
  return { x: 0, y: picture.height - panelHeight, width: picture.width, height: panelHeight };
}

/** Resolves when the panel is there, and all else is drawn. */
export async function waitForDesktop(client: VncClient): Promise<void> {
  await waitForPanel(client);
  await client.waitForQuiet(1000, { what: "the end of drawing", limitMs: 60_000 });
}

/** Resolves when the panel is there, with something on it, and of another colour than the wallpaper above it. */
export async function waitForPanel(client: VncClient): Promise<void> {
  await client.waitForPicture(
    (picture) => {
      const panel = coloursOf(picture, panelOf(client));
      const above = coloursOf(picture, { x: 0, y: picture.height - 200, width: picture.width, height: 100 });
      const [colour] = panel.keys();
      return panel.size > 20 && colour !== undefined && !above.has(colour);
    },
    { what: "a panel along the lower edge", limitMs: 60_000 },
  );
}

/** A terminal over the whole screen; what is typed goes to it. */
export interface Terminal {
  /** A row of its text, the first is 0. */
  readonly row: (index: number) => Region;
  /** Ends the shell, which must be waiting for a command, and resolves when the desktop is seen again. */
  readonly exit: () => Promise<void>;
}

/** Opens a terminal by its key, on a desktop without windows, and makes it as large as the screen. */
export async function openTerminal(client: VncClient): Promise<Terminal> {
  const before = copyOf(client.picture);
  const changed = (picture: Picture) =>
    (changeBetween(before, picture)?.pixels ?? 0) / (before.width * before.height);
  client.press("Control", "Alt", "t");
  await client.waitForPicture((picture) => changed(picture) > 0.1, { what: "a terminal", limitMs: 60_000 });
  // A window that is not drawn whole has not the keyboard yet.
  await client.waitForQuiet(500, { what: "a whole terminal", limitMs: 60_000 });
  client.press("Alt", "F10");
  const titleAndMenu = 47;
  const row = (index: number) => ({
    x: 0,
    y: titleAndMenu + index * 17,
    width: before.width / 2,
    height: 17,
  });
  const hasPrompt = (picture: Picture) => changed(picture) > 0.85 && coloursOf(picture, row(0)).size > 5;
  await client.waitForPicture(hasPrompt, { what: "a prompt in a large terminal", limitMs: 60_000 });
  return {
    row,
    exit: async () => {
      client.type("exit\n");
      await client.waitForPicture((picture) => changed(picture) < 0.1, { what: "the terminal's end" });
    },
  };
}
