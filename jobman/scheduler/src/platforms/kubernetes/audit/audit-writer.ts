import { type AppendFile, openAppendFile } from "../../../files/append-file.ts";

export interface AuditWriter {
  /** Resolves when the lines are out of this process's hands. Throws `STORAGE_FULL` or `STATE_UNWRITABLE`. */
  write(text: string): Promise<void>;
  /** Goes on in a new file, for whoever moved the old one away. */
  reopen(): Promise<void>;
}

/**
 * Writes audit lines to standard output, where the cluster collects them, and durably to `file` where the site gives one.
 * It is made with the first line, so that a replica that never writes leaves none; one that cannot be opened is tried
 * again with the next.
 */
export function auditWriter(
  file: string | undefined,
  output: Pick<NodeJS.WriteStream, "write"> = process.stdout,
): AuditWriter {
  let opened: Promise<AppendFile> | undefined;
  const open = (name: string): Promise<AppendFile> => {
    opened ??= openAppendFile(name).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    write: async (text) => {
      if (file !== undefined) await (await open(file)).append(text);
      await new Promise<void>((resolve, reject) => {
        output.write(text, (error) => (error == null ? resolve() : reject(error)));
      });
    },
    reopen: async () => (await opened)?.reopen(),
  };
}
