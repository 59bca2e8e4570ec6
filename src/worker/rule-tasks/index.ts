/** A rule's scan as tasks of a job: what they are told, where they run, what they leave. */
export {badLinesOf} from './bad-lines.ts'
export {keptName} from './kept-partials.ts'
export {keptPartialsBytesDefault, keptShareAfterEviction, processOverheadBytes} from './limits.ts'
export {BrokenPartial, openPartial, type Partial} from './read-partial.ts'
export {ruleErrorFrom, runRuleTask} from './run-rule-task.ts'
export {freshFile, keptFile} from './scan-task.ts'
export {TaskThread, type ThreadPorts} from './task-thread.ts'
export type * from './types.ts'
