/** Plans as queries of other engines, with the same answer or none. Pure. */
export type {ValueColumn} from './aggregates.ts'
export {clickhouse} from './clickhouse.ts'
export {
  type ClickhouseLines,
  clickhouseLines,
  type LinesCompression,
  type S3Keys,
} from './clickhouse-lines.ts'
export {clickhouseSummary, type SummaryStatement} from './clickhouse-summary.ts'
export {type CompiledKeyset, type CompiledSql, type CompileRequest, compileSql, type Refusals} from './compile.ts'
export type {Dialect} from './dialect.ts'
export {duckdb} from './duckdb.ts'
export {readAnswer, runQuery, type SqlAnswer, type SqlRow} from './run-query.ts'
export {type Stage, stageColumns, stageOf} from './stage.ts'
