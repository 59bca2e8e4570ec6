export {
  type ChunkFacts,
  type FieldFacts,
  type FieldRange,
  factsJson,
  type Scalar,
  type TextTimes,
} from './facts.ts'
export {canBeUnused, type NoneUsed, whyNoneUsed} from './none-used.ts'
export {parseFacts} from './parse-facts.ts'
export {timeOfText} from './time-range.ts'
