export {cellJson, cellText} from './cell-text.ts'
export {longBytesMin} from './clickhouse/blocks.ts'
export {clickhousePlace, connectClickhouse} from './clickhouse/connect.ts'
export type {FormatOptions, SinkFormat} from './format.ts'
export {formatRows} from './format.ts'
export {approximateField, fieldLabels, jsonPieces, keysetField} from './json.ts'
export type {KeysetFilesOptions} from './keyset-files.ts'
export {writeKeysetFiles} from './keyset-files.ts'
export {makeFolder} from './make-folder.ts'
export {type OpenSinkOptions, openSink} from './open-sink.ts'
export type * from './row-sink.ts'
export {restOfRow, rowTemplate} from './row-template.ts'
export type {KeysetHeader} from './sections.ts'
export {networkVerdict} from './sql/network-errors.ts'
export type {StreamWriteOptions} from './stream-writer.ts'
export {writeBytesToStream, writeToStream} from './stream-writer.ts'
export {type SinkTable, tablesOf} from './tables/index.ts'
export {
  type Environment,
  resolveTarget,
  type SinkFlags,
  type SinkOptions,
  type SinkSpec,
  type SinkTarget,
  sinkSpecOf,
  withoutSecrets,
} from './target/index.ts'
export {cutToWidth, textWidth} from './text-width.ts'
