/** A moment for a reader, in the time zone of the account: `2026-11-23 18:05:09`. */
export function formatTime(moment: string): string {
  const time = new Date(moment);
  if (Number.isNaN(time.getTime())) return moment;
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(twoDigits).join("-");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(":");
  return `${day} ${clock}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
