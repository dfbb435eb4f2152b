/** What is asked of a site: whose container it is and what for. */
export interface ContainerRequest {
  readonly kind: "job" | "desktop";
  /** Its flavor's part of the machine. */
  readonly size: { readonly cores: number; readonly burstCores?: number; readonly memoryBytes: number };
  /** Default: those of the site's user. */
  readonly ids?: { readonly uid: number; readonly gid: number };
  /** Whose home and socket it sees; absent: nobody's. */
  readonly owner?: string | undefined;
  readonly datasets?: readonly string[];
  /** Whether the image has a home that any uid may write, as the family's have; else it gets one in memory. */
  readonly home?: "image" | "memory";
  /** Of a job: what its owner called it and asked for; `exact`: no shell rule for its arguments. */
  readonly job?: { readonly name: string; readonly flavor: string; readonly exact: boolean };
  /** What the owner gave; names that are ours are left out. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Names of the secrets that it is given. */
  readonly secrets?: readonly string[];
  /** On which it is called. */
  readonly ports?: readonly number[];
  /** What the engine can allow at most, where that is known. */
  readonly openFilesCeiling?: number | undefined;
}
