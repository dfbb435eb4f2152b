import { describe, expect, it } from "vitest";
import type { ContainerLine } from "./container-log.ts";
import { dropRepeats } from "./log-repeats.ts";

function line(second: number, data: string, stream: ContainerLine["stream"] = "stdout"): ContainerLine {
  return {
    time: `2026-01-01T00:00:${String(second).padStart(2, "0")}.000000000Z`,
    stream,
    data: Buffer.from(data),
  };
}

async function texts(lines: readonly ContainerLine[]): Promise<readonly string[]> {
  async function* source() {
    yield* lines;
  }
  return (await Array.fromAsync(dropRepeats(source()))).map((each) => String(each.data));
}

describe("a followed log", () => {
  it("that begins again after a rotation tells no line twice", async () => {
    const lines = [1, 2, 3, 2, 3, 4].map((second) => line(second, `${second}\n`));
    expect(await texts(lines)).toEqual(["1\n", "2\n", "3\n", "4\n"]);
  });

  it("keeps lines whose clock was set back", async () => {
    expect(await texts([line(5, "a\n"), line(2, "b\n"), line(3, "c\n")])).toEqual(["a\n", "b\n", "c\n"]);
  });

  it("keeps lines of the other stream that are a little late", async () => {
    expect(await texts([line(5, "out\n"), line(4, "err\n", "stderr")])).toEqual(["out\n", "err\n"]);
  });

  it("keeps the pieces of a line that was too long, which share its time", async () => {
    expect(await texts([line(1, "aa"), line(1, "aa"), line(1, "\n"), line(2, "b\n")])).toEqual([
      "aa",
      "aa",
      "\n",
      "b\n",
    ]);
  });
});
