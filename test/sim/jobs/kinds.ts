/** What can go wrong in a scenario. A suite in which one of these never happened has proved nothing about it. */
const faults = [
  'crash-after-commit',
  'crash-before-commit',
  'disk-full',
  'drained',
  'fatal',
  'file-lost',
  'input-lost',
  'link-broken',
  'master-crashed',
  'message-doubled',
  'message-late',
  'node-bad',
  'node-crashed',
  'node-failing',
  'node-lost',
  'node-returned',
  'node-slow',
  'node-wiped',
  'order-lost',
  'poison',
  'save-failed',
  'task-failed',
]
/** What jobs go through. */
const work = [
  'ahead',
  'ahead-begun',
  'cancelled',
  'done',
  'failed',
  'paused',
  'priority',
  'resumed',
  'streamed',
  'taken-back',
]

/** Kinds of faults and of work that never happened. */
export const missingKinds = (fired: ReadonlyMap<string, number>): string[] =>
  [...faults, ...work].filter(kind => (fired.get(kind) ?? 0) === 0)
