/** How long a test waits for what comes in a moment: far longer than it takes on the slowest machine. */
export const PATIENCE = { timeout: 40_000, interval: 25 } as const;
