import { UserError } from "@workstation/cli";
import { describe, expect, it } from "vitest";
import { connectDocker, dockerAnswers } from "./connect.ts";
import { parseEngineAddress } from "./daemon-address.ts";

describe("the address of a Docker Engine", () => {
  it.each([
    ["unix:///run/my%20docker.sock", { socketPath: "/run/my docker.sock" }],
    ["tcp://127.0.0.1:2376", { protocol: "http", host: "127.0.0.1", port: 2376 }],
    ["tcp://engine", { protocol: "http", host: "engine", port: 2375 }],
    ["http://engine:80", { protocol: "http", host: "engine", port: 80 }],
    ["tcp://[::1]:2375", { protocol: "http", host: "::1", port: 2375 }],
  ])("%s is read", (text, address) => {
    expect(parseEngineAddress(text)).toEqual(address);
  });

  it.each([
    ["nonsense", "no address"],
    ["/var/run/docker.sock", "no address"],
    ["unix://docker.sock", "no file"],
    ["unix://", "no file"],
    ["tcp://", "no host"],
    ["tcp://engine:99999", "no address"],
    ["ssh://root@engine", "ssh://"],
    ["npipe:////./pipe/docker_engine", "npipe://"],
    ["localhost:2375", "localhost://"],
  ])("%s is refused, by name and with a way out", async (text, why) => {
    const refusal = {
      code: "DOCKER_HOST_INVALID",
      message: expect.stringContaining(JSON.stringify(text)),
      hint: expect.stringContaining("unix:///var/run/docker.sock"),
    };
    await expect(connectDocker(text)).rejects.toMatchObject(refusal);
    await expect(connectDocker(text)).rejects.toThrow(why);
    await expect(dockerAnswers(text)).rejects.toBeInstanceOf(UserError);
  });
});
