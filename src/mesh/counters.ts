/** What happened on the links of one mesh, for people and tests. */
export interface MeshCounters {
  /** Links that came up. */
  linkCount: number
  /** Attempts to dial that failed. */
  dialFailureCount: number
  /** Messages that were not understood. */
  badFrameCount: number
  /** Links cut because the other side did not read, or sent far too much. */
  cutOffCount: number
  /** Links closed because nothing was heard. */
  silentCount: number
  /** Nodes that were not let in. */
  refusedCount: number
}

export const newCounters = (): MeshCounters => ({
  linkCount: 0,
  dialFailureCount: 0,
  badFrameCount: 0,
  cutOffCount: 0,
  silentCount: 0,
  refusedCount: 0,
})

/** One line of a daemon's log. `msg` is constant text. */
export interface MeshLogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly msg: string
  readonly node?: string
  readonly code?: string
  readonly text?: string
}

export type MeshLog = (line: MeshLogLine) => void
