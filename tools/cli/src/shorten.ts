/** What an error's text may have where people read it. */
const mostUnits = 2000;

/** A text that another program made, for a message or a log: its beginning and its end, and how much is between. */
export function shorten(text: string, most = mostUnits): string {
  if (text.length <= most) return text;
  const end = Math.floor(most / 4);
  const beginning = text.slice(0, most - end);
  const between = text.length - most;
  return `${beginning} … (${between} more characters) … ${text.slice(-end)}`.toWellFormed();
}
