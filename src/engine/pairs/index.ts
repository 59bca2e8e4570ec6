/** Pairs: the path for rules that replace the standard map or reduce by functions of their own. */
export {makePairMapper, type PairMapper, type PairMapperOptions, type PairOutcome} from './mapper.ts'
export {mergePairRuns} from './merge.ts'
export {type PairReduceOptions, type PairRow, reducePairs} from './reducer.ts'
export type {KeepRun, PairRun, PairRunSource, WriteBlocks, WritePairRun} from './runs.ts'
export type {KeysetColumn} from './totals.ts'
