import { createServer, type Server } from "node:https";
import type { Socket } from "node:net";
import type { ProblemBoard } from "../../../diagnostics/problems.ts";
import type { Address } from "../../address.ts";
import { answerBadRequest, serverLimits } from "../../connections/http-server.ts";
import type { Listeners } from "../../platform.ts";
import { listenAt } from "./addresses.ts";
import { type Certificate, followCertificate, readCertificate } from "./certificate.ts";
import type { Reception } from "./reception.ts";

export interface SecureDoorOptions {
  readonly address: Address;
  /** Holds tls.crt and tls.key. */
  readonly tlsFolder: string;
  readonly reception: Reception;
  readonly problems: Pick<ProblemBoard, "set">;
  readonly now: () => number;
  /** How often the certificate's files are looked at, in milliseconds. */
  readonly renewEveryMs?: number;
}

const usualRenewEveryMs = 10_000;
const handshakeTimeout = 10_000;
const minVersion = "TLSv1.2";

/** What users come through: HTTPS and nothing older than TLS 1.2. Throws `CERTIFICATE_UNUSABLE`, `ADDRESS_UNUSABLE`. */
export async function openSecureDoor(options: SecureDoorOptions): Promise<Listeners> {
  const { reception, tlsFolder, problems, now, renewEveryMs = usualRenewEveryMs } = options;
  const certificate = await readCertificate(tlsFolder);
  const server = makeServer(certificate, reception);
  await listenAt(server, options.address);
  const stop = followCertificate(certificate, {
    folder: tlsFolder,
    everyMs: renewEveryMs,
    now,
    problems,
    onChange: (renewed) => server.setSecureContext({ ...renewed, minVersion }),
  });
  return {
    close: async () => {
      stop();
      server.close();
      reception.close();
    },
  };
}

function makeServer(certificate: Certificate, reception: Reception): Server {
  const server = createServer(
    { ...serverLimits, ...certificate, minVersion, handshakeTimeout, ALPNProtocols: ["http/1.1"] },
    reception.handler,
  );
  // What fails before there is TLS cannot be answered in HTTP.
  server.removeAllListeners("tlsClientError");
  server.on("tlsClientError", (_error, connection: Socket) => connection.destroy());
  server.on("clientError", answerBadRequest);
  reception.watch(server);
  return server;
}
