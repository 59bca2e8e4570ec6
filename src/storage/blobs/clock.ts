/** The clocks of a node: a port, so that a test can move them. */
export interface Clock {
  /** Milliseconds since 1970, as the machine believes. May jump. */
  nowMs(): number
  /** Milliseconds since some moment in this process. Only grows. */
  monotonicMs(): number
}

export const systemClock: Clock = {nowMs: () => Date.now(), monotonicMs: () => performance.now()}
