export * from './clickhouse/index.ts'
export {compareExample} from './examples/compare.ts'
export type {ExampleOutcome, ExampleRows, KeysetOutcome} from './examples/outcome.ts'
export {type UpdatedSource, type UpdateRequest, updateExampleSource} from './examples/update.ts'
export {type Explanation, explainRule, explainText} from './explain.ts'
export {fieldsInNone, fieldsWithoutRow, presenceRule} from './fields-in-any.ts'
export {type GuessedFormat, guessFormat} from './infer/guess-format.ts'
export {type Inference, type InferOptions, inferFile} from './infer/infer-file.ts'
export type {FieldRole, FieldType, InferredField, TimestampForm} from './infer/inferred-field.ts'
export {inferInput, inferText} from './infer-input.ts'
export {type InitOptions, type InitResult, initProject} from './init.ts'
export {formatNodeOf, type GuessedInput, guessInputFormat, inputOfNode, type SaidFormat} from './input-format.ts'
export {inferRecordCountMax} from './limits.ts'
export {listingText, listRules, type RuleListing} from './list-rules.ts'
export {
  areFieldsKnown,
  type FirstRecords,
  firstRecordsOf,
  missingKeyLines,
  missingStepLines,
  missingValueLines,
  readFirst,
  readsValues,
  stepFieldsLacking,
  valuesLacking,
} from './missing-fields.ts'
export {type Query, queryRule} from './query.ts'
export {findRepeatedNames, type RepeatedNames} from './repeated-names.ts'
export * from './run/index.ts'
export * from './sql/index.ts'
export * from './tags/index.ts'
export {defaultTemplate, listTemplates, type Template} from './templates.ts'
export {type ExampleResult, type TestOptions, type TestSummary, testRules, testText} from './test-rules.ts'
export {type TraceResult, traceLine, traceText} from './trace.ts'
export {type WatchOptions, watchUntilStopped} from './watch.ts'
