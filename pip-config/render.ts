import type { LayerFile, RenderedFile } from "@workstation/images";
import type { Site } from "@workstation/site";

/** The part of site.yaml that these files repeat. */
export type MirrorSite = Pick<Site, "mirrors">;

const origin =
  "# Made from mirrors.pypi of site.yaml. Environment variables and your own file win over this one.";

/**
 * pip's system-wide configuration. pip reads it at /etc/pip.conf, then the user's file, then a virtual
 * environment's, then PIP_* variables; the later one wins (pip documentation, "Configuration").
 */
export function renderPipConf(site: MirrorSite): string {
  const { indexUrl, trustedHost } = site.mirrors.pypi;
  return lines(
    origin,
    "[global]",
    `index-url = ${indexUrl}`,
    `trusted-host = ${trustedHost}`,
    "disable-pip-version-check = true",
    "retries = 1", // pip's own five make a user without a network wait for 8 s
  );
}

/**
 * uv's system-wide configuration. A project's and the user's come first, UV_* variables before both (uv
 * documentation, "Configuration files"); tried with uv 0.13: a default `[[index]]` here would beat a user's
 * `index-url`, so it is `index-url` here. Python itself is on no mirror, so uv never tries to download one.
 */
export function renderUvToml(site: MirrorSite): string {
  const { indexUrl, trustedHost } = site.mirrors.pypi;
  return lines(
    origin,
    `index-url = ${quoted(indexUrl)}`,
    `allow-insecure-host = [${quoted(trustedHost)}]`,
    'python-downloads = "never"',
    'link-mode = "copy"', // cache and environment lie on different file systems: uv would try links, and warn each time
  );
}

/**
 * The mirror for shell scripts, `name=value` without quotes: the defaults of configure-pip-mirror, and what the
 * entrypoint gives to poetry's mirror plugin, because poetry itself reads no system-wide file.
 */
export function renderMirrorEnv(site: MirrorSite): string {
  const { indexUrl, trustedHost } = site.mirrors.pypi;
  return lines(origin, `index_url=${indexUrl}`, `trusted_host=${trustedHost}`);
}

/** Every rendered file, with its place in an image. */
export function pipConfigFiles(site: MirrorSite): readonly RenderedFile[] {
  return [
    { path: "/etc/pip.conf", mode: 0o644, content: renderPipConf(site) },
    { path: "/etc/uv/uv.toml", mode: 0o644, content: renderUvToml(site) },
    { path: "/etc/workstation/mirror.env", mode: 0o644, content: renderMirrorEnv(site) },
  ];
}

/** The installer for foreign images and users, with its place in an image. */
export const pipConfigScripts: readonly LayerFile[] = [
  { from: "pip-config/configure-pip-mirror", to: "/usr/local/bin/configure-pip-mirror", mode: 0o755 },
];

function lines(...texts: readonly string[]): string {
  return `${texts.join("\n")}\n`;
}

/** A basic string of TOML 1.0; its escapes are JSON's. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
