/** Where a command writes: data for programs, notes for people. */
export interface Output {
  data(text: string): void;
  note(line: string): void;
}
