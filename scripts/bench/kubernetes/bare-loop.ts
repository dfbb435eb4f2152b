import { admitterFor } from "./admit-one.ts";
import { connectAs, listJobs, spread } from "./connect.ts";

/** A program: `bare-loop.ts ACCOUNT INSTANCE` lets all jobs of an instance go as fast as 32 connections can. */
const [account = "", instance = ""] = process.argv.slice(2);
const connection = connectAs(account);
const { jobs } = await listJobs(connection, instance);
await spread(jobs, 32, admitterFor(connection, account));
await connection.close();
