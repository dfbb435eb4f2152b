import { describeEngine } from "../platforms/contract/describe-engine.ts";
import { fakeCapabilities, makeFakeEngineFixture } from "./fake-engine-fixture.ts";

describeEngine("the engine in memory that stands for others", fakeCapabilities, makeFakeEngineFixture);
