export {
  type ChunkFacts,
  type FieldFacts,
  type FieldRange,
  factsJson,
  parseFacts,
  type Scalar,
  type TextTimes,
} from './facts.ts'
export {canBeUnused, type NoneUsed, whyNoneUsed} from './none-used.ts'
export {timeOfText} from './time-range.ts'
