import { openAppendFile } from "../../../files/append-file.ts";

/** Writes audit lines to standard output, where the cluster collects them, and durably to `file` where the site gives one. */
export function auditWriter(
  file: string | undefined,
  output: Pick<NodeJS.WriteStream, "write"> = process.stdout,
): (text: string) => Promise<void> {
  const opened = file === undefined ? undefined : openAppendFile(file);
  // A file that cannot be opened is told by the first line that should be in it.
  opened?.catch(() => undefined);
  return async (text) => {
    await (await opened)?.append(text);
    await new Promise<void>((resolve, reject) => {
      output.write(text, (error) => (error == null ? resolve() : reject(error)));
    });
  };
}
