/** The beginning of a text. A copy: a part of a long text would hold on to all of it in memory. */
export function cut(text: string, mostCharacters: number): string {
  return text.length <= mostCharacters ? text : Buffer.from(text.slice(0, mostCharacters)).toString();
}
