import {join} from 'node:path'
import {expect, test} from 'vitest'
import {load} from './engines.ts'
import {runLimited} from './limited.ts'

const engines = [
  ['clickhouse', 'chdb'],
  ['duckdb', '@duckdb/node-api'],
] as const

for (const [engine, name] of engines) {
  test.skipIf(load(name) === undefined)(`lower and upper give the same on ${engine} as here for each letter`, () => {
    const {stdout, stderr} = runLimited(join(import.meta.dirname, 'letter-case.ts'), [engine], 60)
    expect(stderr).toBe('')
    const same = {isWhole: true, different: []}
    expect(JSON.parse(stdout)).toEqual({lower: same, upper: same})
  })
}
