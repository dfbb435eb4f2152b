import { describeEngine } from "../contract.ts";
import { makeDockerBed } from "../testing/docker-bed.ts";

describeEngine("the Docker engine", () => makeDockerBed());
