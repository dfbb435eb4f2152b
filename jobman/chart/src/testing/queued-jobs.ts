import type { Ask } from "@workstation/cluster";
import { vi } from "vitest";
import { type JobParts, jobOf, jobsOf } from "./job.ts";

/** Sends a Job and resolves with what became of it. */
export async function queueJob(ask: Ask, name: string, parts: JobParts = {}) {
  const answer = await ask({ method: "POST", path: jobsOf("user-anna"), body: jobOf({ ...parts, name }) });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json();
}

/** Lets a Job go as the scheduler does; resolves with its pod. */
export async function letGo(ask: Ask, name: string) {
  const resources = { limits: { cpu: "100m", memory: "64Mi" }, requests: { cpu: "100m", memory: "64Mi" } };
  const spec = { containers: [{ name: "job", resources }] };
  const answer = await ask({
    method: "PATCH",
    path: `${jobsOf("user-anna")}/${name}`,
    headers: { "content-type": "application/strategic-merge-patch+json" },
    body: { spec: { suspend: false, template: { spec } } },
  });
  if (answer.status !== 200) throw new Error(answer.text);
  return vi.waitFor(() => podOf(ask, name), 60_000);
}

async function podOf(ask: Ask, job: string) {
  const path = `/api/v1/namespaces/user-anna/pods?labelSelector=job-name%3D${job}`;
  const [pod] = (await ask({ path })).json().items;
  if (pod === undefined) throw new Error(`${job} has no pod yet`);
  return pod;
}
