import { describe, expect, it } from "vitest";
import { bridgeName, bridgePrefix, ensureFirewall, firewallRules, removeFirewall } from "./firewall.ts";

describe("the rules around jobs with a network", () => {
  it("let a job reach the services and nothing else, and let only answers back", () => {
    const bridges = `${bridgePrefix("main")}+`;
    const chain = `WORKSTATION-${bridgePrefix("main")}`;
    expect(firewallRules("main", [{ address: "10.0.0.5", port: 3141 }]).split("\n")).toEqual([
      "*filter",
      `:${chain}-F - [0:0]`,
      `:${chain}-I - [0:0]`,
      `-A ${chain}-F -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `-A ${chain}-F -i ${bridges} -d 10.0.0.5/32 -p tcp -m tcp --dport 3141 -j ACCEPT`,
      `-A ${chain}-F -j REJECT`,
      `-A ${chain}-I -i ${bridges} -d 10.0.0.5/32 -p tcp -m tcp --dport 3141 -j ACCEPT`,
      `-A ${chain}-I -j REJECT`,
      "COMMIT",
      "",
    ]);
  });

  it("fit into the names that Linux and iptables allow", () => {
    expect(bridgeName("a-very-long-instance-name", "a-very-long-user-name").length).toBeLessThanOrEqual(15);
    expect(bridgeName("main", "alice")).not.toBe(bridgeName("main", "bob"));
    expect(bridgePrefix("main")).not.toBe(bridgePrefix("test"));
  });

  it("are asked for where they are missing, and can be taken back", async () => {
    const calls: string[] = [];
    const feed = async (program: string, argv: readonly string[]): Promise<void> => {
      calls.push([program, argv[1]].join(" "));
      if (argv.includes("-C") && argv.includes("INPUT")) throw new Error("no such rule");
    };
    await ensureFirewall("main", [], feed);
    expect(calls).toEqual([
      "iptables-restore --noflush",
      "iptables -C",
      "iptables -C",
      "iptables -C",
      "iptables -I",
    ]);
    await removeFirewall("main", feed);
    expect(calls.slice(5).map((call) => call.split(" ")[1])).toEqual([
      "-D",
      "-D",
      "-D",
      "-F",
      "-X",
      "-F",
      "-X",
    ]);
  });
});
