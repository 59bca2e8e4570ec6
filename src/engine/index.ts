export * from './account.ts'
export {HookError, hookLabel, type ResolveFunction} from './chain.ts'
export {type ChosenEngine, chooseEngine, type EngineChoice} from './choose-engine.ts'
export {chunkFacts} from './chunk-facts.ts'
export {distinctOf, histogramLabels, quantileOf, stddevOf} from './columns/index.ts'
export type * from './contracts.ts'
export {fieldsForFunctions, fieldsSeen} from './function-fields.ts'
export {GroupEmitter, type WriteRun} from './group-emitter.ts'
export {
  type CodedRun,
  codedBytesOf,
  codedOfRecords,
  compareKeys,
  entriesBefore,
  firstKeyOf,
  keyPartsAt,
  type RunSource,
  writeRecordsOf,
} from './groups/index.ts'
export {type CodedRuns, Kernel, KernelReader, makeUsualExchange, type UsualExchange} from './kernel/index.ts'
export {
  type BlockSource,
  type CodedStretch,
  type CodedTextMerge,
  canMergeCoded,
  type MergedText,
  MergeKernel,
  mergedBlocksBytesMax,
  mergedRunsMax,
  type RowStyle,
  type RowTemplate,
  type TextMerge,
} from './merge-kernel/index.ts'
export {mergeTable, type TableMerge} from './merge-tables.ts'
export {cellOfDigits, compareNumbers, Decimal, roundRatio} from './numbers/index.ts'
export {makePairEmitter, needsPairs} from './pair-emitter.ts'
export type {KeepRun} from './pairs/index.ts'
export {postprocessed} from './postprocess.ts'
export {
  firstRecordStart,
  isLineFormat,
  makeCutter,
  makeReader,
  namesOfFirstRecord,
  newlineByte,
  openCellBytesMax,
} from './readers/index.ts'
export {type Emitter, EnoughRecords, RecordPipeline} from './record-pipeline.ts'
export {type OpenRunSource, resultRows, tableCountOf} from './results.ts'
export {type TextTable, textTables} from './text-tables.ts'
export {
  type Trace,
  type TracedField,
  type TracedKeyset,
  type TracedPair,
  type TracedStep,
  traceRecord,
} from './trace.ts'
