import { type AppendFile, openAppendFile } from "./append-file.ts";
import { readLines } from "./read-lines.ts";

/** A place for lines that must outlive whoever writes them. */
export interface LineSink {
  /** Where it is, for messages. */
  readonly name: string;
  /** Opens or makes it. Throws `STORAGE_FULL` or `STATE_UNWRITABLE`. */
  open(): Promise<AppendFile>;
  /** Its whole lines, some at a time, in bounded memory; one of more than `longest` bytes stands as `undefined`. */
  read(longest: number): AsyncIterable<readonly (string | undefined)[]>;
}

/** Lines in a file. */
export function fileSink(file: string): LineSink {
  return {
    name: file,
    open: () => openAppendFile(file),
    read: (longest) => readLines(file, longest),
  };
}
