import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PlainStart, preparePlainStart } from "./plain-start.ts";

describe("variables that init.sh hands on", () => {
  test.each([
    ["plain", "A=1", "1"],
    ["empty", "A=", ""],
    ["with an equals sign", "A=x=y==", "x=y=="],
    ["with quotes, which are kept", "A='one' \"two\"", "'one' \"two\""],
    ["with blanks around, which are kept", "A=  two  ", "  two  "],
    ["with shell syntax, which is not run", "A=$(id) `id` $HOME * \\", "$(id) `id` $HOME * \\"],
    ["given twice: the last counts", "A=1\nA=2", "2"],
    ["of several lines", "A<<END\none\n\n two=2\nEND", "one\n\n two=2"],
    ["of several lines, empty", "A<<END\nEND", ""],
    ["in other letters", "A=é\u{1f600}", "é\u{1f600}"],
  ])("reach the command: %s", async (_, text, wanted) => {
    const start = await preparePlainStart();
    expect(await handOn(start, text)).toMatchObject({ stdout: wanted, code: 0 });
  });

  test("of any text, given as several lines, arrive as they are", async () => {
    const start = await preparePlainStart();
    const value = fc.string({ unit: "grapheme", maxLength: 40 }).filter((each) => !/[\0\r]/.test(each));
    await fc.assert(
      fc.asyncProperty(value, async (text) => {
        expect((await handOn(start, `A<<_END_\n${text}\n_END_`)).stdout).toBe(text);
      }),
      { numRuns: 10, examples: [["\n"], ["\n\nx"], ["a\n"]] },
    );
  });

  test("may be PATH and PYTHONPATH", async () => {
    const start = await preparePlainStart();
    await start.writeInit(
      'echo "PATH=/mine:$PATH" >> "$WORKSTATION_ENV"; echo PYTHONPATH=/lib >> "$WORKSTATION_ENV"',
    );
    const { stdout } = await start.start(["echo $PATH $PYTHONPATH"]);
    expect(stdout).toMatch(/^\/mine:.* \/lib\n$/);
  });

  test.each([
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_ANYTHING",
    "BASH_ENV",
    "BASH_FUNC_ls",
    "SHELLOPTS",
    "BASHOPTS",
    "ENV",
    "IFS",
    "PROMPT_COMMAND",
    "GLIBC_TUNABLES",
    "GCONV_PATH",
    "MALLOC_CHECK_",
    "HOME",
    "USER",
    "UID",
    "EUID",
    "PPID",
    "WORKSTATION_USER",
    "JOBMAN_SOCKET",
  ])("are refused when they change the loader, a shell or the platform: %s", async (name) => {
    const start = await preparePlainStart();
    await start.writeInit(`echo '${name}=bad' >> "$WORKSTATION_ENV"; echo 'A=good' >> "$WORKSTATION_ENV"`);
    const { stdout, stderr, code } = await start.start(["env"]);
    expect(code).toBe(0);
    expect(stdout).not.toContain("bad");
    expect(stdout).toContain("A=good\n");
    expect(stderr).toContain(`line 1: ${name} is refused`);
  });

  test.each([
    ["no assignment", "hello there", "line 1: hello\\ there is not NAME=value"],
    ["a name with a blank", "A B=1", "A\\ B is not the name of a variable"],
    ["a name with a dash", "A-B=1", "A-B is not the name of a variable"],
    ["no name", "=1", "'' is not the name of a variable"],
    ["a name that is an index", "A[$(id >&2)]=1", "is not the name of a variable"],
    ["terminal codes", "\u001b[2J", "$'\\E[2J' is not NAME=value"],
    ["several lines without their end", "B<<END\nx", "the value of B has no closing line END"],
  ])("that are none are named and left out: %s", async (_, text, message) => {
    const start = await preparePlainStart();
    const { stderr, stdout, code } = await handOn(start, `${text}\nA=kept`);
    expect({ stdout, code }).toEqual({ stdout: text.includes("<<") ? "" : "kept", code: 0 });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("uid=");
  });

  test("too long for the kernel are left out, and the command still starts", async () => {
    const start = await preparePlainStart();
    const long = "A=$(head -c 131001 /dev/zero | tr '\\0' x)";
    await start.writeInit(`${long}; echo "A=$A" > "$WORKSTATION_ENV"; echo B=1 >> "$WORKSTATION_ENV"`);
    const { stdout, stderr } = await start.start(['echo "<$A>$B"']);
    expect(stdout).toBe("<>1\n");
    expect(stderr).toContain("the value of A is longer than 131000 bytes");
  });

  test("of more than 512 kB in all are not taken", async () => {
    const start = await preparePlainStart();
    await start.writeInit(
      'for i in 1 2 3 4 5 6; do echo "A$i=$(head -c 100000 /dev/zero | tr "\\0" x)"; done > "$WORKSTATION_ENV"',
    );
    const { stdout, stderr } = await start.start(['echo "<$A1>"']);
    expect(stdout).toBe("<>\n");
    expect(stderr).toContain("more than 524288 bytes");
  });

  test.each([
    ["a folder", 'rm "$WORKSTATION_ENV"; mkdir "$WORKSTATION_ENV"'],
    ["a FIFO", 'rm "$WORKSTATION_ENV"; mkfifo "$WORKSTATION_ENV"'],
    ["removed", 'rm "$WORKSTATION_ENV"'],
  ])("are none when the file is replaced by something else: %s", async (_, line) => {
    const start = await preparePlainStart();
    await start.writeInit(`${line}\n`);
    expect(await start.start(["echo", "ran"])).toMatchObject({ stdout: "ran\n", code: 0 });
  });

  test("are taken also when init.sh fails after writing them", async () => {
    const start = await preparePlainStart();
    await start.writeInit('echo A=1 >> "$WORKSTATION_ENV"; exit 5');
    expect(await start.start(["echo $A"])).toMatchObject({ stdout: "1\n", code: 0 });
  });

  test("are needed: what init.sh only exports is gone with it", async () => {
    const start = await preparePlainStart();
    await start.writeInit("export A=1");
    expect(await start.start(['echo "<$A>"'])).toMatchObject({ stdout: "<>\n" });
  });
});

/** Lets init.sh write the text to $WORKSTATION_ENV and shows what the command sees as A. */
async function handOn(start: PlainStart, text: string) {
  const encoded = Buffer.from(`${text}\n`).toString("base64");
  await start.writeInit(`echo ${encoded} | base64 -d > "$WORKSTATION_ENV"\n`);
  return start.start(["printf '%s' \"$A\""]);
}
