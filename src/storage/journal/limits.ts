/** Events kept of one job: what somebody would read of a job of fifty thousand tasks; older ones go. */
export const eventsPerJobMax = 100_000

/** Old events are dropped when so many have come since the last time: one delete for many inserts. */
export const eventsDroppedEvery = 1000

/** Events of one answer at most. */
export const eventPageMax = 1000
