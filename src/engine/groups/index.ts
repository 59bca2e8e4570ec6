export {codedOfRecords, writeRecordsOf} from './coded-records.ts'
export {
  type CodedPart,
  type CodedRun,
  type CodedValue,
  codedBytesOf,
  entriesBefore,
  keyPartsAt,
  type NumbersRun,
  numbersEntryBytes,
  type StatesRun,
} from './coded-run.ts'
export {GroupTable} from './group-table.ts'
export {compareKeys, decodeKey, KeyBuilder, type KeyView, startsWithKey} from './key-builder.ts'
export {mergeFanInMax, runBlockBytes} from './limits.ts'
export {compactRuns, type MergedGroup, mergeInto, mergeRuns} from './merge-runs.ts'
export {type BlockHeader, blockHeaderBytes, firstKeyOf, openBlock, payloadBytesOf, sealBlock} from './run-format.ts'
export {RunReader, type RunSource, sourceOfBlocks} from './run-reader.ts'
export {type BlockSink, RunWriter} from './run-writer.ts'
export {type TopValue, topKOf} from './top-k.ts'
