import { z } from "zod";

export { type ApiErrorCode, apiErrors } from "./error-codes.ts";

/** The body of every answer that is not a success. */
export const apiErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
});
export type ApiErrorBody = z.infer<typeof apiErrorSchema>;
