import { expect, test } from "vitest";
import { beyondLoopback, parsePorts, withPorts } from "./published-ports.ts";

const loopback = "127.0.0.1";

test.each([
  ["8888", { address: loopback, hostPort: 0, containerPort: 8888 }],
  ["9999:8888", { address: loopback, hostPort: 9999, containerPort: 8888 }],
  [":8888", { address: loopback, hostPort: 0, containerPort: 8888 }],
  ["0.0.0.0:1:2", { address: "0.0.0.0", hostPort: 1, containerPort: 2 }],
  ["127.0.0.1::2222", { address: loopback, hostPort: 0, containerPort: 2222 }],
  ["[::1]:3:4", { address: "[::1]", hostPort: 3, containerPort: 4 }],
])("%s is a port, on loopback unless it says otherwise", (text, port) => {
  expect(parsePorts([text])).toEqual([port]);
});

test.each(["", "x", "0", "1:2:3:4", "70000", "1:70000", "-1", "80/udp", "127.0.0.1:80:"])(
  "%j is no port",
  (text) => {
    expect(() => parsePorts([text])).toThrow(expect.objectContaining({ code: "PORT_INVALID" }));
  },
);

test("a port that is named replaces the usual one", () => {
  expect(withPorts(parsePorts(["5901:5900"]), [5900, 2222])).toEqual([
    { address: loopback, hostPort: 5901, containerPort: 5900 },
    { address: loopback, hostPort: 0, containerPort: 2222 },
  ]);
});

test("only ports on loopback are kept on this machine", () => {
  const ports = parsePorts([
    "127.0.0.1:1:1",
    "[::1]:2:2",
    "0.0.0.0:3:3",
    "localhost:4:4",
    "10.0.0.1:5:5",
    "6",
  ]);
  expect(beyondLoopback(ports).map((port) => port.containerPort)).toEqual([3, 5]);
});
