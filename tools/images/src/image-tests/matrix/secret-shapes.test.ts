import { expect, test } from "vitest";
import { findSecrets } from "./secret-shapes.ts";

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

test.each([
  "VNC_PASSWORD=opensesame",
  'ENV api_key="0123456789"',
  "pip install --index-url https://me:hunter2@index.example.org/simple",
  "-----BEGIN OPENSSH PRIVATE KEY-----",
  `ghp_${letters}`,
  `pypi-AgEIcHlwaS5vcmc${letters}`,
  `AKIA${letters.slice(0, 16).toUpperCase()}`,
  `eyJ${letters}.eyJ${letters}.${letters}`,
  `alice:$6$salt$${letters}${letters}:19000:0:99999:7:::`,
])("%s is found", (line) => {
  expect(findSecrets(`nothing here\n${line}\n`)).toEqual([expect.stringContaining(line)]);
});

test.each([
  "PATH=/usr/local/bin:/usr/bin",
  "http://py-repo-service.package-repos-proxy:3141/root/pypi/+simple/",
  "RUN /bin/sh -c . /srv/build-step && tokenizers",
  "Xvnc -rfbauth /run/workstation/vnc-password -SendCutText=0",
])("%s is no secret", (line) => {
  expect(findSecrets(line)).toEqual([]);
});
