/**
 * The time that every file of an image carries which a build step wrote: 2026-01-01T00:00:00Z, in seconds.
 * A fixed time makes two builds of the same inputs give the same layers; its value means nothing else.
 */
export const buildEpoch = 1_767_225_600;
