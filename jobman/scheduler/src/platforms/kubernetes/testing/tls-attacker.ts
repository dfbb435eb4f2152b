import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import { type Attack, attacks, startAttack } from "../../../testing/attack.ts";

/** A program of its own, as a hostile user's is: PORT AUTHORITY-FILE TOKEN NAME-OF-THE-ATTACK; it goes on until it is killed. */
const [, , port = "", authorityFile = "", token = "", name = ""] = process.argv;

const where = {
  host: "127.0.0.1",
  port: Number(port),
  localAddress: "127.0.3.1",
  ca: readFileSync(authorityFile),
};
const attack = attacks.find((each) => each.name === name);
if (attack === undefined) throw new Error(`no attack "${name}"`);
const reach = { open: () => connect(where as object), ready: "secureConnect" } as const;
startAttack(reach, withToken(attack), new AbortController().signal);
console.log("attacking");

function withToken(plain: Attack): Attack {
  const text = plain.bytes.toString("latin1");
  const told = text.replaceAll("host: a\r\n", `host: a\r\nauthorization: Bearer ${token}\r\n`);
  return { ...plain, bytes: Buffer.from(told, "latin1") };
}
