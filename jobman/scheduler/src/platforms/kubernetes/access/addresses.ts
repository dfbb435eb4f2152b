import type { Server } from "node:net";
import { UserError } from "@workstation/cli";
import type { Address } from "../../address.ts";

/** True where nobody from elsewhere can come. */
export function isLoopback({ host }: Pick<Address, "host">): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Resolves when the server listens; a fault of a later time ends nothing. Throws `ADDRESS_UNUSABLE`. */
export function listenAt(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new UserError("ADDRESS_UNUSABLE", `${host}:${port} cannot be listened on: ${cause.message}`, {
          cause,
        }),
      );
    });
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      server.on("error", () => undefined);
      resolve();
    });
  });
}
