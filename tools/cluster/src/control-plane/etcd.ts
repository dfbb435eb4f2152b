import { join } from "node:path";
import { type ControlledProcess, controlledProcess } from "../processes/controlled-process.ts";
import { asker } from "./ask.ts";
import { etcdUrl, loopback, type Place } from "./place.ts";

/** Where the cluster's objects are kept. It does not wait for the disk: what a machine's crash loses is thrown away anyhow. */
export async function etcd(place: Place): Promise<ControlledProcess> {
  const { folder, programs, authority, ports, administrator } = place;
  const url = etcdUrl(place);
  const peers = `http://${loopback}:${ports.etcdPeers}`;
  const own = await authority.issue("etcd", { name: "etcd", hosts: [loopback] });
  const ask = asker(url, authority.certificate, administrator);
  return controlledProcess({
    name: "etcd",
    folder,
    argv: [
      programs.etcd,
      `--data-dir=${join(folder, "etcd")}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peers}`,
      `--initial-advertise-peer-urls=${peers}`,
      `--initial-cluster=default=${peers}`,
      `--cert-file=${own.certificateFile}`,
      `--key-file=${own.keyFile}`,
      `--trusted-ca-file=${authority.certificateFile}`,
      "--client-cert-auth",
      "--unsafe-no-fsync",
      "--log-level=warn",
    ],
    ready: async () => (await ask({ path: "/health" })).status === 200,
  });
}
