import { request } from "node:https";

/** Nothing that describes an issuer is larger. */
const mostBytes = 1024 * 1024;

/** Fetches JSON by https: no redirect is followed, no more read than a mebibyte, nothing waited for longer than `patience` (ms). */
export function getJson(
  url: string,
  options: { readonly authorities: string | undefined; readonly patience: number },
): Promise<unknown> {
  const { authorities, patience } = options;
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      signal: AbortSignal.timeout(patience),
      agent: false,
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      headers: { accept: "application/json" },
      ...(authorities === undefined ? {} : { ca: authorities }),
    });
    asked.on("error", reject).on("response", (answer) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      if (answer.statusCode !== 200) asked.destroy(new Error(`${url} answered HTTP ${answer.statusCode}`));
      answer.on("error", reject).on("data", (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes > mostBytes) asked.destroy(new Error(`${url} answered more than ${mostBytes} bytes`));
      });
      answer.on("end", () => {
        try {
          resolve(JSON.parse(Buffer.concat(parts).toString("utf8")));
        } catch (cause) {
          reject(new Error(`${url} answered no JSON`, { cause }));
        }
      });
    });
    asked.end();
  });
}
