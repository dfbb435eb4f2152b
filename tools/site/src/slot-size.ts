/** The share of a machine's memory that jobs may have; the rest is the system's and the desktops'. */
const memoryShare = 0.8;

/**
 * What one slot of a flavor really gives: never more cores than the machine has, and never more memory than a slot's
 * part of it, where `slots` are used side by side.
 */
export function slotSize(
  flavor: { readonly cores: number; readonly memory: number },
  machine: { readonly cores: number; readonly memoryBytes: number },
  slots: number,
): { readonly cores: number; readonly memoryBytes: number } {
  const share = Math.floor((memoryShare * machine.memoryBytes) / Math.max(1, slots));
  return {
    cores: Math.min(flavor.cores, machine.cores),
    memoryBytes: Math.min(flavor.memory, share),
  };
}
