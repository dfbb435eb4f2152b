/** How secrets look, wherever they lie. */
const shapes: Readonly<Record<string, RegExp>> = {
  "a name that promises a secret, with a value":
    /\b\w*(password|passwd|secret|token|api_?key|credential)s?["']?\s*[=:]\s*["']?[^\s"']{4,}/i,
  "a URL with a password": /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i,
  "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  "a token of GitHub or GitLab": /\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,})/,
  "a token of PyPI or npm": /\b(pypi-AgE[\w-]{20,}|npm_[A-Za-z0-9]{30,})/,
  "a key of a cloud": /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  "a signed web token": /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
  "a password's hash": /\$(1|5|6|y|2[aby])\$[^\s$]*\$?[./A-Za-z0-9$]{20,}/,
};

/** Names what in a text looks like a secret, each with the line that it stands in. */
export function findSecrets(text: string): readonly string[] {
  return text.split("\n").flatMap((line) =>
    Object.entries(shapes)
      .filter(([, shape]) => shape.test(line))
      .map(([name]) => `${name}: ${line.slice(0, 200)}`),
  );
}
