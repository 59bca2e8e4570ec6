/** The job language: what a job may say, what is wrong with one, its plan. Pure: no clock, no I/O. */
export {assertJob, checkJob, formatJobProblems, type JobProblem} from './check-job.ts'
export {type CompiledJob, compileJob, type StageBody, type StageFunctions} from './compile-job.ts'
export {defineJob, isJob} from './define-job.ts'
export {sortBytesDefault} from './limits.ts'
export type * from './plan.ts'
export type * from './types.ts'
