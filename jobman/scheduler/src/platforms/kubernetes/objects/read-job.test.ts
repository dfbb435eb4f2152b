import { clusterAnnotations } from "@workstation/site";
import { expect, test } from "vitest";
import { jobView as job, ms } from "../testing/views.ts";

test("the limit of a Job by hand is the one that it came with, whatever the site says since", () => {
  const template = { spec: { containers: [{ name: "job", image: "i" }], activeDeadlineSeconds: 60 + 900 } };
  expect(job({ spec: { activeDeadlineSeconds: 60 + 2 * 900, template } })?.spec.timeLimitSeconds).toBe(60);
});

test("of a command of any length its beginning is kept, which is enough to be shown", () => {
  const args = ["x".repeat(1000), "y".repeat(1_000_000), "z"];
  const template = { spec: { containers: [{ name: "job", image: "i".repeat(100_000), args }] } };
  const spec = job({ spec: { template } })?.spec;
  expect(spec?.arguments).toEqual([
    args[0],
    expect.stringMatching(/^y+ \(\d+ more characters\)$/),
    "(1 more)",
  ]);
  expect(JSON.stringify(spec).length).toBeLessThan(18_000);
});

test("the order of a queue is that of the API server's seconds, then the scheduler's milliseconds; a Job by hand is last in its second", () => {
  const request = (submittedAt: number) => ({
    annotations: {
      [clusterAnnotations.request]: JSON.stringify({
        ...{
          id: "id-1",
          name: "train",
          owner: "mallory",
          uid: 20_001,
          gid: 20_001,
          image: "other",
          flavor: "small-gpu",
        },
        ...{ exact: false, annotations: {}, datasets: [], timeLimitSeconds: 60, submittedAt },
      }),
    },
  });
  // The scheduler's clock is a minute off: it orders within the second alone.
  const early = job({ metadata: request(ms(0) + 60_250) });
  expect(early?.spec.sequence).toBe(ms(0) + 250);
  // Sent before one that came at the same second, and made a moment after its beginning.
  expect(job({ metadata: request(ms(0) - 19) })?.spec.sequence).toBe(ms(0) - 19);
  expect(job({ metadata: request(ms(0) + 335) })?.spec.sequence).toBe(ms(0) + 335);
  expect(job()?.spec.sequence).toBe(ms(0) + 999);
  // What policies vouch for stands above what an annotation says.
  expect(early?.spec).toMatchObject({ owner: "alice", flavor: "no-gpu", image: "i", timeLimitSeconds: 60 });
});
