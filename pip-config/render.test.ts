import { describe, expect, test } from "vitest";
import { pipConfigFiles, renderMirrorEnv, renderPipConf, renderUvToml } from "./render.ts";

const site = {
  mirrors: {
    pypi: { indexUrl: "http://mirror.example:3141/root/pypi/+simple/", trustedHost: "mirror.example" },
  },
};

describe("the configuration of package tools", () => {
  test("points pip at the site's mirror", () => {
    expect(renderPipConf(site).split("\n").slice(1)).toEqual([
      "[global]",
      "index-url = http://mirror.example:3141/root/pypi/+simple/",
      "trusted-host = mirror.example",
      "disable-pip-version-check = true",
      "retries = 1",
      "",
    ]);
  });

  test("points uv at it, in a form that a user's own file beats", () => {
    const text = renderUvToml(site);
    expect(text).toContain('index-url = "http://mirror.example:3141/root/pypi/+simple/"\n');
    expect(text).toContain('allow-insecure-host = ["mirror.example"]\n');
    expect(text).not.toContain("[[index]]");
  });

  test("has uv copy, because it would warn each time that it cannot link across file systems", () => {
    expect(renderUvToml(site)).toContain('link-mode = "copy"\n');
  });

  test("quotes what TOML would misread", () => {
    const indexUrl = 'http://mirror.example/a"b\\c/';
    const odd = { mirrors: { pypi: { ...site.mirrors.pypi, indexUrl } } };
    expect(renderUvToml(odd)).toContain('index-url = "http://mirror.example/a\\"b\\\\c/"\n');
  });

  test("gives scripts the mirror as two plain lines", () => {
    expect(renderMirrorEnv(site).split("\n").slice(1)).toEqual([
      "index_url=http://mirror.example:3141/root/pypi/+simple/",
      "trusted_host=mirror.example",
      "",
    ]);
  });

  test("lies where pip and uv read it, readable for all", () => {
    expect(pipConfigFiles(site).map(({ path, mode }) => [path, mode])).toEqual([
      ["/etc/pip.conf", 0o644],
      ["/etc/uv/uv.toml", 0o644],
      ["/etc/workstation/mirror.env", 0o644],
    ]);
  });
});
