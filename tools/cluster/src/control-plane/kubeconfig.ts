import { readFileSync, writeFileSync } from "node:fs";
import type { Certificate } from "../certificates/authority.ts";

/** Writes a kubeconfig with everything inside it, so that the file can be taken elsewhere; JSON, which is YAML. */
export function writeKubeconfig(
  file: string,
  server: { readonly url: string; readonly authority: string },
  client: Certificate,
): string {
  const base64 = (data: string | Buffer): string => Buffer.from(data).toString("base64");
  const content = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "throw-away",
        cluster: { server: server.url, "certificate-authority-data": base64(server.authority) },
      },
    ],
    users: [
      {
        name: "client",
        user: {
          "client-certificate-data": base64(readFileSync(client.certificateFile)),
          "client-key-data": base64(readFileSync(client.keyFile)),
        },
      },
    ],
    contexts: [{ name: "throw-away", context: { cluster: "throw-away", user: "client" } }],
    "current-context": "throw-away",
  };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  return file;
}
