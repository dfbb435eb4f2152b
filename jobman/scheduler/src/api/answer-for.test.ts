import { UserError } from "@workstation/cli";
import { describe, expect, test } from "vitest";
import { ApiError } from "../errors/api-error.ts";
import { answerFor } from "./answer-for.ts";

const advice = { hint: "give /secret/state to root" };
const operators = new UserError("STATE_UNWRITABLE", "/secret/state cannot be written", advice);

describe("a fault that the operator must mend", () => {
  test("tells a user whom to ask, and nothing of the machine", () => {
    const { status, body } = answerFor(operators);
    expect([status, body.code]).toEqual([503, "OPERATOR_NEEDED"]);
    expect(body.hint).toContain("ask the operator");
    expect(JSON.stringify(body)).not.toContain("/secret");
  });

  test("tells the operator what to do", () => {
    expect(answerFor(operators, "operator").body).toMatchObject({ hint: advice.hint });
  });
});

test("codes of the API pass as they are, and what an engine says of the asker's own value is the asker's", () => {
  expect(answerFor(new ApiError("NO_SUCH_JOB", "no"))).toMatchObject({ status: 404 });
  expect(answerFor(new UserError("CURSOR_INVALID", '"x" is no place'))).toMatchObject({ status: 400 });
});
