import { globSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface PageFile {
  readonly type: string;
  readonly content: string | Buffer;
}

/** All that is ever served; nothing else of the disk can be asked for. */
export interface PageFiles {
  /** By their path below the desktop's page. */
  readonly pages: ReadonlyMap<string, PageFile>;
  readonly refused: PageFile;
  readonly used: PageFile;
  /** Leads on to the desktop: by a page, because a redirect from another site would go without the strict cookie. */
  readonly opened: (home: string) => PageFile;
}

/** What the page says and may do. */
export interface PageWords {
  /** What the browser's tab is called. */
  readonly title: string;
  /** What may pass between the person's own clipboard and the desktop's. The VNC server has the last word. */
  readonly clipboard: { readonly in: boolean; readonly out: boolean };
  /** What is left of a desktop that has ended. */
  readonly kept: string;
  /** The command that starts it again. */
  readonly again: string;
  /** How files come in, for a person who drops one. */
  readonly files: string;
}

/** The page as this desktop wants it, and noVNC as its package brings it. */
export async function loadPageFiles(words: PageWords): Promise<PageFiles> {
  const own = join(import.meta.dirname, "page");
  const ways = [words.clipboard.in && "in", words.clipboard.out && "out"].filter(Boolean).join(" ");
  const filled = { ...words, clipboard: ways };
  const html = readFileSync(join(own, "desktop.html"), "utf8").replace(
    /\{(title|clipboard|kept|again|files)\}/g,
    (_, name: keyof PageWords) => escaped(filled[name]),
  );
  const pages = new Map<string, PageFile>([["", page(html)]]);
  for (const [name, type] of [
    ["desktop.js", javascript],
    ["desktop.css", "text/css; charset=utf-8"],
  ] as const) {
    pages.set(name, { type, content: await readFile(join(own, name)) });
  }
  const novnc = join(dirname(fileURLToPath(import.meta.resolve("@novnc/novnc"))), "..");
  for (const name of globSync("{core,vendor}/**/*.js", { cwd: novnc })) {
    pages.set(`novnc/${name}`, { type: javascript, content: await readFile(join(novnc, name)) });
  }
  return {
    pages,
    refused: page(
      message("This page is not for you", "Open the link that <code>images run --web</code> printed."),
    ),
    used: page(
      message(
        "This link was used already",
        "It opens the desktop once, in one browser. Start <code>images run --web</code> again for another link.",
      ),
    ),
    opened: (home) =>
      page(message("Opening the desktop", "", `<meta http-equiv="refresh" content="0;url=${home}">`)),
  };
}

/** Nothing from elsewhere, nothing into elsewhere: the page talks to its own server only, and nobody frames it. */
export function securityHeaders(origin: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:", // the remote cursor
    `connect-src 'self' ${origin.replace("http:", "ws:")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "Content-Security-Policy": policy.join("; "),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
  };
}

const javascript = "text/javascript; charset=utf-8";

function page(content: string): PageFile {
  return { type: "text/html; charset=utf-8", content };
}

function message(title: string, words: string, head = ""): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${head}</head><body><h1>${title}</h1><p>${words}</p></body></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
