import { describeEngine } from "../contract/describe-engine.ts";
import { dockerCapabilities, makeDockerFixture } from "../testing/docker-fixture.ts";

describeEngine("the Docker engine", dockerCapabilities, () => makeDockerFixture());
