import { processIo } from "./io.ts";
import { quickAnswer } from "./quick-answer.ts";

const answer = quickAnswer(process.argv.slice(2));
if (answer !== undefined) processIo().stdout.write(answer);
export const answered = answer !== undefined;
