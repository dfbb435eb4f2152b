/**
 * JSON data as YAML 1.2. Only what is beyond doubt is written plain; every other text goes into double quotes, whose
 * rules YAML shares with JSON, so that no value can change its type or structure on the way.
 */
export function formatYaml(value: unknown): string {
  return `${lines(value).join("\n")}\n`;
}

function lines(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item) => nest("- ", lines(item)));
  if (isFilledObject(value)) {
    return Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .flatMap(([key, item]) => entry(scalar(key), item));
  }
  return [scalar(value)];
}

function entry(key: string, item: unknown): readonly string[] {
  const inner = lines(item);
  const isBlock = (Array.isArray(item) && item.length > 0) || isFilledObject(item);
  return isBlock ? [`${key}:`, ...inner.map((line) => `  ${line}`)] : [`${key}: ${inner[0] ?? ""}`];
}

function nest(mark: string, inner: readonly string[]): readonly string[] {
  return inner.map((line, index) => (index === 0 ? mark : "  ") + line);
}

function isFilledObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).some((item) => item !== undefined)
  );
}

const plainWord = /^[A-Za-z][A-Za-z0-9_./-]*$/;
const wordsWithMeaning = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

function scalar(value: unknown): string {
  if (Array.isArray(value)) return "[]";
  if (typeof value === "object" && value !== null) return "{}";
  if (typeof value !== "string") return JSON.stringify(value ?? null);
  if (plainWord.test(value) && !wordsWithMeaning.test(value)) return value;
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
