import { UserError } from "@workstation/cli";

/** Where something is listened for. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** An address as an option has it; without a host all of this machine's are meant. Throws `INVALID_OPTION`. */
export function readAddress(option: string, text: string): Address {
  const [, host = "", digits = ""] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== "" && port <= 65_535)
    return { host: host === "" ? "::" : host.replace(/^\[|\]$/g, ""), port };
  throw new UserError("INVALID_OPTION", `${option} ${JSON.stringify(text)} is no address`, {
    hint: "such as 127.0.0.1:8081, or :8443 for all of this machine's addresses",
  });
}
