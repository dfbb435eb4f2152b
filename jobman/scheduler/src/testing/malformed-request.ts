import { rawRequest } from "./attack.ts";

const body = JSON.stringify({ arguments: ["true"], environment: { A: "b" }, annotations: {}, datasets: [] });
const wholes = [
  rawRequest("GET", "/v1/jobs?state=all"),
  rawRequest("POST", "/v1/jobs?dryRun=true", body),
  rawRequest("DELETE", "/v1/jobs/some-job"),
  rawRequest("GET", "/v1/jobs/some-job/log?after=x&follow=false"),
  rawRequest("GET", "/v1/images/ubuntu-python?tag=latest"),
];
const odd = [
  "\0",
  "\r\n",
  "\r\n\r\n",
  "%ff%00",
  "%",
  "../../",
  ":",
  "{",
  '"',
  "\u00ff",
  " ",
  "-1",
  "9".repeat(400),
];
const oddHeaders = [
  "content-length: -1",
  "content-length: 99999999999999999999",
  "transfer-encoding: chunked",
  "transfer-encoding: gzip, chunked",
  "expect: 100-continue",
  "expect: something",
  "upgrade: websocket\r\nconnection: upgrade",
  "content-type: text/html",
  "content-encoding: br",
  `x: ${"y".repeat(20_000)}`,
  "host",
];

/** A request in which something is wrong, as bytes; `random` says what and where. */
export function malformedRequest(random: () => number): string {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const whole = pick(wholes) ?? "";
  const at = Math.floor(random() * whole.length);
  const kind = Math.floor(random() * 5);
  if (kind === 0) return whole.slice(0, at);
  if (kind === 1) return whole.slice(0, at) + (pick(odd) ?? "") + whole.slice(at);
  if (kind === 2) return whole.slice(0, at) + whole.slice(at + 1 + Math.floor(random() * 8));
  if (kind === 3) return whole.replace("host: a", `host: a\r\n${pick(oddHeaders)}`);
  return whole.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + whole.slice(at + 1);
}
