import { describeEngine } from "../contract/describe-engine.ts";
import { makeDockerBed } from "../testing/docker-bed.ts";

describeEngine("the Docker engine", () => makeDockerBed());
