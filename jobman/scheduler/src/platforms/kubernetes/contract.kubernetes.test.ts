import { clusterObstacle } from "@workstation/cluster";
import { describe } from "vitest";
import { describeEngine } from "../contract/describe-engine.ts";
import { clusterCapabilities, makeClusterFixture } from "../testing/cluster-fixture.ts";

const obstacle = clusterObstacle();

describe.skipIf(obstacle !== undefined)(`a cluster with a real node ${obstacle ?? ""}`, () => {
  describeEngine("Kubernetes", clusterCapabilities, makeClusterFixture);
});
