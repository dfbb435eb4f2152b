/** What the servers of a desktop listen on; the start-up scripts have it in `init-scripts/desktop/ports.sh`. */
export const desktopPorts = { vnc: 5900, ssh: 2222 } as const;
