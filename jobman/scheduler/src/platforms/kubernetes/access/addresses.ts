import type { Server } from "node:net";
import { UserError } from "@workstation/cli";

/** Where something is listened for. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `127.0.0.1:8081`, `[::1]:8081`, or `:8443`, which is every address of this machine. Throws `ADDRESS_INVALID`. */
export function parseAddress(text: string): Address {
  const { name, literal, port } = addressPattern.exec(text)?.groups ?? {};
  const number = Number(port);
  if (port === undefined || number > 65_535) {
    throw new UserError("ADDRESS_INVALID", `"${text}" is no address with a port`, {
      hint: "such as 127.0.0.1:8081, [::1]:8081 or, for every address of this machine, :8443",
    });
  }
  return { host: name || literal || everyAddress, port: number };
}

const addressPattern = /^(?:(?<name>[^:[\]]*)|\[(?<literal>[\da-fA-F:.]+)\]):(?<port>\d{1,5})$/;
const everyAddress = "::";

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
