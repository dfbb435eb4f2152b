import { describeEngine } from "../contract/describe-engine.ts";
import { makeDockerFixture } from "../testing/docker-fixture.ts";

describeEngine("the Docker engine", () => makeDockerFixture());
