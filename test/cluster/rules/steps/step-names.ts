/** Moments of a run at which a kill is tried, in their order. Nothing but names: the processes that are killed load this. */
export const stepNames = [
  // In the daemon.
  'run is saved',
  'child is started',
  // In the run.
  'claim is next',
  'place is claimed',
  'commit is next',
  'rows are committed',
  'rows are staged',
  'rows are under their tag',
  'archive is next',
  'archive is marked',
  'place is next to be given back',
  'place is given back',
  'report is next',
  'report is there',
  // In the daemon again.
  'report is read',
  'state is written',
] as const

export type StepName = (typeof stepNames)[number]
