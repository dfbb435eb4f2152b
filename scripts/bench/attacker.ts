import { attacks, reachSocket, startAttack } from "../../jobman/scheduler/src/testing/attack.ts";

/** A hostile user's program of its own: `attacker.ts SOCKET NUMBER` attacks until it is ended. */
const [socket = "", number = "0"] = process.argv.slice(2);
const attack = attacks[Number(number)];
if (attack !== undefined) startAttack(reachSocket(socket), attack, new AbortController().signal);
