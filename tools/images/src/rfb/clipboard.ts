import { constants, deflateSync, inflateSync } from "node:zlib";

/** The extended clipboard of RFB's community registry: Unicode, and only when somebody asks. */
export const extendedActions = {
  caps: 1 << 24,
  request: 1 << 25,
  peek: 1 << 26,
  notify: 1 << 27,
  provide: 1 << 28,
};
const textFormat = 1;
const mostBytes = 20 << 20;

/** What a server said about its clipboard. */
export interface ClipboardWord {
  readonly kind: "plain" | keyof typeof extendedActions;
  /** The text, where the word carries one. */
  readonly text: string | undefined;
}

/** Reads the body of an extended `ServerCutText`. */
export function readExtended(body: Buffer): ClipboardWord {
  const flags = body.readUInt32BE(0);
  const kinds = Object.keys(extendedActions) as (keyof typeof extendedActions)[];
  // Capabilities name every action; caps is first in the table.
  const kind = kinds.find((each) => (flags & extendedActions[each]) !== 0);
  if (kind === undefined) throw new Error(`an extended clipboard message without an action: ${flags}`);
  const hasText = kind === "provide" && (flags & textFormat) !== 0;
  return { kind, text: hasText ? unpack(body.subarray(4)) : undefined };
}

/** `ClientCutText` in the old encoding: Latin-1, what does not fit becomes a question mark. */
export function plainCutText(text: string): Buffer {
  const latin1 = Buffer.from(text.replace(/[^\0-\xff]/gu, "?"), "latin1");
  return Buffer.concat([cutTextHead(latin1.length), latin1]);
}

/** What this client can do: text of any size up to 20 MiB, in every way. */
export function capabilities(): Buffer {
  const all = Object.values(extendedActions).reduce((sum, action) => sum | action, 0);
  return extended(all, word(mostBytes));
}

export function notification(): Buffer {
  return extended(extendedActions.notify);
}

export function provision(text: string): Buffer {
  const bytes = Buffer.from(`${text.replaceAll("\n", "\r\n")}\0`, "utf8");
  return extended(extendedActions.provide, deflateSync(Buffer.concat([word(bytes.length), bytes])));
}

export function request(): Buffer {
  return extended(extendedActions.request);
}

function extended(action: number, body: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([cutTextHead(-(4 + body.length)), word(action | textFormat), body]);
}

/** A negative length marks the extended encoding. */
function cutTextHead(length: number): Buffer {
  const head = Buffer.from([6, 0, 0, 0, 0, 0, 0, 0]);
  head.writeInt32BE(length, 4);
  return head;
}

function unpack(packed: Buffer): string {
  // The server flushes its stream and never ends it.
  const bytes = inflateSync(packed, { maxOutputLength: mostBytes, finishFlush: constants.Z_SYNC_FLUSH });
  const text = bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString("utf8");
  return text.replace(/\0$/, "").replaceAll("\r\n", "\n");
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
