/** Keys that have no character, by their names in X's table of keysyms. */
const named = {
  BackSpace: 0xff08,
  Tab: 0xff09,
  Return: 0xff0d,
  Escape: 0xff1b,
  Left: 0xff51,
  Up: 0xff52,
  Right: 0xff53,
  Down: 0xff54,
  Insert: 0xff63,
  F4: 0xffc1,
  F10: 0xffc7,
  Shift: 0xffe1,
  Control: 0xffe3,
  Alt: 0xffe9,
  Super: 0xffeb,
  AltGr: 0xfe03,
} as const;

/** A key as people call it: a name of the table, or one character. */
export type Key = keyof typeof named | (string & {});

/** The keysym of a key. Latin-1 is its own number, the rest of Unicode stands above 0x01000000. */
export function keysymOf(key: Key): number {
  if (key === "\n") return named.Return;
  if (key === "\t") return named.Tab;
  if (Object.hasOwn(named, key)) return named[key as keyof typeof named];
  const point = key.codePointAt(0) ?? 0;
  if (key.length !== String.fromCodePoint(point).length)
    throw new Error(`no key is called ${JSON.stringify(key)}`);
  const latin1 = (point >= 0x20 && point <= 0x7e) || (point >= 0xa0 && point <= 0xff);
  return latin1 ? point : 0x0100_0000 + point;
}
