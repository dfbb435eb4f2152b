import { datasetIdPattern } from "@workstation/site";
import { z } from "zod";
import { type IdRule, isUserId, whyNot } from "./ids.ts";

/** Content of `user.json`; `rule` is the site's, because an operator may edit the file. */
export function userFileSchema(rule: IdRule) {
  const id = z.int().refine((value) => isUserId(value, rule), {
    error: ({ input }) => `is ${input}: ${whyNot(Number(input), rule)}`,
  });
  return z.strictObject({ uid: id, gid: id, datasets: z.array(z.string().regex(datasetIdPattern)) });
}
