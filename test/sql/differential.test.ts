/** A few of the cases of `npm run test:sql`, so that a change of the compiler is noticed at once. */
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {load} from './engines.ts'

const caseCount = 12

const engines = [
  ['clickhouse', 'chdb'],
  ['duckdb', '@duckdb/node-api'],
] as const

for (const [engine, name] of engines) {
  test.skipIf(load(name) === undefined)(`random rules give the same on ${engine} as here`, {timeout: 300_000}, () => {
    const program = [join(import.meta.dirname, 'run-cases.ts'), String(caseCount), '1', engine]
    const {status, stderr} = spawnSync(process.execPath, program, {encoding: 'utf8'})
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })
}
