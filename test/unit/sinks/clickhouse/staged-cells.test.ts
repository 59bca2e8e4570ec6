import {expect, test} from 'vitest'
import {clickhouseStorage} from '../../../../src/sinks/clickhouse/clickhouse-dialect.ts'
import {cellSql} from '../../../../src/sinks/clickhouse/staged-cells.ts'
import type {ColumnType, SinkColumn} from '../../../../src/sinks/tables/index.ts'

const column = (type: ColumnType, role: SinkColumn['role'] = 'value'): SinkColumn => ({
  name: 'c',
  role,
  type,
  aggregate: null,
})
const isMade = (type: ColumnType, stored: string, role?: SinkColumn['role']): boolean =>
  cellSql(column(type, role), clickhouseStorage(stored), 'x') !== undefined

test.each([
  ['text', 'LowCardinality(String)', 'key'],
  ['integer', 'UInt16', 'value'],
  ['exact', 'Nullable(Decimal(76, 30))', 'value'],
  ['double', 'Nullable(Float64)', 'value'],
  ['data', 'Nullable(Decimal(76, 30))', 'value'],
  ['data', 'Nullable(String)', 'value'],
  ['json', 'String', 'value'],
] as const)('%s in %s is made by the server', (type, stored, role) => {
  expect(isMade(type, stored, role)).toBe(true)
})

test.each([
  ['text', 'Date', 'key'],
  ['text', 'UInt32', 'key'],
  ['text', 'Enum8(1)', 'key'],
  ['double', 'Decimal(12, 4)', 'value'],
  ['data', 'Float64', 'value'],
  ['data', 'DateTime', 'value'],
] as const)('%s in %s comes here, where the encoders are', (type, stored, role) => {
  expect(isMade(type, stored, role)).toBe(false)
})
