/**
 * The API, version 1. Jobs are named by their owner's names; another user's job does not exist for the asker.
 *
 * GET    /v1/jobs?state=active|ended|all            JobList (default all)
 * POST   /v1/jobs?dryRun=true|false                 SubmitRequest -> SubmitResponse
 * GET    /v1/jobs/:name                             Job
 * DELETE /v1/jobs/:name                             Job: an active job is stopped and recorded as deleted, an ended one's record is removed
 * DELETE /v1/jobs                                   JobList: all of the asker's jobs
 * GET    /v1/jobs/:name/watch                       NDJSON of Job: the job now, then after each change, ends after its final state
 * GET    /v1/jobs/:name/log?after=CURSOR&follow=... NDJSON of LogPiece; with follow until the job has ended and its output is complete
 * GET    /v1/queue                                  QueueTable
 * GET    /v1/resources-flavors                      FlavorList
 * GET    /v1/images                                 ImageList
 * GET    /v1/images/:name?tag=TAG                   ImageDetails
 * GET    /v1/openapi.json                           the OpenAPI document
 */
export const routes = {
  jobs: "/v1/jobs",
  job: (name: string) => `/v1/jobs/${encodeURIComponent(name)}`,
  watch: (name: string) => `/v1/jobs/${encodeURIComponent(name)}/watch`,
  log: (name: string) => `/v1/jobs/${encodeURIComponent(name)}/log`,
  queue: "/v1/queue",
  flavors: "/v1/resources-flavors",
  images: "/v1/images",
  image: (name: string) => `/v1/images/${encodeURIComponent(name)}`,
} as const;
