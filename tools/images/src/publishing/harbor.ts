import type { Registry } from "../registry/registry.ts";

/**
 * Shows a text as the description of a repository where the registry is Harbor (its API, version 2.0). Says what became
 * of it; a registry of another kind has no place for it.
 */
export async function describeRepository(
  registry: Registry,
  repository: string,
  description: string,
): Promise<"described" | "not harbor" | { readonly refused: number }> {
  const ping = await registry.ask("/api/v2.0/ping", { method: "GET" });
  if (ping.status !== 200 || !/^"?pong"?\s*$/i.test(ping.text)) return "not harbor";
  const [project = "", ...rest] = repository.split("/");
  // Harbor wants what comes after the project encoded twice.
  const name = encodeURIComponent(encodeURIComponent(rest.join("/")));
  const answer = await registry.ask(`/api/v2.0/projects/${project}/repositories/${name}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify({ description })),
  });
  return answer.status === 200 ? "described" : { refused: answer.status };
}
