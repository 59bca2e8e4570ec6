/** Time between two looks at the cluster: what people see is a second old at most. */
export const pollMs = 1000

/** A look that takes long is repeated less often: the monitor takes at most a fifth of the master's time for itself. */
export const pollRestFactor = 4

/** A look that takes longer has failed: the person should know that nobody answers. Milliseconds. */
export const pollTimeoutMs = 5000

/** Pause after the first failed look, doubled after each further one. Milliseconds. */
export const retryFirstMs = 1000
export const retryMaxMs = 15_000

/** Clocks on the screen (a lost master's "since", notes) move once a second. */
export const tickMs = 1000

/** How long a note stays in the last line. Milliseconds. */
export const noteMs = 6000

/** Time over which rates are smoothed: tasks end in bursts, so longer than for bytes of one run. */
export const rateWindowMs = 10_000

/** Rates below this say nothing about the time left. Tasks a second. */
export const rateMin = 1e-3

/** Smallest terminal that the screen is drawn on; below it, one line says so. */
export const monitorColumnsMin = 40
export const monitorRowsMin = 10

/** Below so many rows for lists only the one with the cursor is shown; each needs a title, a head and a few rows. */
export const rowsPerPaneMin = 5

/** Events of one job that are kept to scroll back through; older ones are in `disco events`. */
export const eventKeptCountMax = 2000

/** Warnings at the top of the overview; the rest is counted. */
export const warningShownCountMax = 3

/** Jobs in the list, newest first. */
export const jobCountMax = 200

/** Unfinished jobs whose stages and running tasks are asked for at every look. */
export const jobDetailCountMax = 20

/** Tasks of one page, and of one job in all: more rows than a person scrolls through. */
export const taskPageCountMax = 1000
export const taskCountMax = 10_000

/** Events of one look. */
export const eventCountMax = 2000
