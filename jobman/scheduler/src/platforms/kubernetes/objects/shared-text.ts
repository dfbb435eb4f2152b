const texts = new Map<string, string>();
const most = 10_000;

/** The same text, once in memory however often it is read: what many jobs have in common, such as image and owner. */
export function sharedText(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size >= most) texts.clear();
  texts.set(text, text);
  return text;
}
