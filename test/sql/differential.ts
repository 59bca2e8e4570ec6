/** The row evaluator, the kernel, ClickHouse and DuckDB over the same random rules and dirty lines: the same rows and accounts. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {isDeepStrictEqual} from 'node:util'
import {type Account, emptyAccount, postprocessed} from '../../src/engine/index.ts'
import {kernelPlan, recordsPlan} from '../../src/engine/kernel/index.ts'
import {columnBeyondExact, finishedRow} from '../../src/project/sql/finish.ts'
import {runScript} from '../../src/project/sql/script.ts'
import {type CompiledSql, clickhouse, compileSql, type Dialect, duckdb, readAnswer} from '../../src/sql/index.ts'
import {byKernel, byRows} from '../unit/engine/kernel/both-ways.ts'
import {openClickhouse, openDuckdb, type SqlEngine} from './engines.ts'
import {params, type SqlCase} from './random-case.ts'
import {rowText} from './row-text.ts'

export type Verdict =
  | {readonly verdict: 'same' | 'unsure'; readonly detail?: undefined}
  /** Compile-time reasons, or the engine's own words. */
  | {readonly verdict: 'refused' | 'stopped' | 'failed' | 'different'; readonly detail: string}

export interface Engines {
  readonly hasKernel: boolean
  readonly list: readonly (readonly [Dialect, SqlEngine])[]
  close(): Promise<void>
}

/** @param name - `kernel`, `clickhouse` or `duckdb`: two of them want more address space than the limit of one process */
export async function openEngines(name: string): Promise<Engines> {
  const [dialect, engine] =
    name === 'duckdb'
      ? ([duckdb, await openDuckdb()] as const)
      : ([clickhouse, name === 'clickhouse' ? openClickhouse() : undefined] as const)
  const list = engine === undefined ? [] : [[dialect, engine] as const]
  return {hasKernel: name === 'kernel', list, close: async () => void (await engine?.close())}
}

const folder = mkdtempSync(join(tmpdir(), 'sql-differential-'))
process.once('exit', () => rmSync(folder, {recursive: true, force: true}))

/** What one case gives on each engine, by name. */
export async function verdictsOf(engines: Engines, given: SqlCase): Promise<Readonly<Record<string, Verdict>>> {
  const {plan, resolve} = given
  const input = {chunks: [given.bytes], isFirst: true, params, resolve}
  const expected = byRows(given.plan, input)
  const wanted = {rows: expected.rows.map(rowText), counts: countsOf(expected.account)}
  const verdicts: Record<string, Verdict> = {}
  const whole = kernelPlan(given.plan, params)
  const supported = 'reason' in whole ? recordsPlan(given.plan, params) : whole
  if (engines.hasKernel && !('reason' in supported)) {
    const found = byKernel(given.plan, supported, input)
    verdicts['kernel'] = compared(wanted, {rows: found.rows.map(rowText), counts: countsOf(found.account)})
  }
  const path = join(folder, 'lines')
  writeFileSync(path, given.bytes)
  for (const [dialect, engine] of engines.list) {
    const compiled = compileSql({plan: given.plan, params, dialect, isFinishedHere: true, estimates: true})
    verdicts[dialect.name] =
      'refused' in compiled
        ? {verdict: 'refused', detail: compiled.refused.join('; ')}
        : await verdictOf(engine, {compiled, plan, resolve, path}, wanted)
  }
  return verdicts
}

interface Asked extends Pick<SqlCase, 'plan' | 'resolve'> {
  readonly compiled: CompiledSql
  readonly path: string
}

async function verdictOf(engine: SqlEngine, {compiled, plan, resolve, path}: Asked, wanted: Outcome): Promise<Verdict> {
  let answer: ReturnType<typeof readAnswer>
  try {
    answer = readAnswer(compiled, await engine.query(runScript(compiled, path, [])))
  } catch (error) {
    const detail = String(error).slice(0, 600)
    return {verdict: stops.test(detail) ? 'stopped' : 'failed', detail}
  }
  if (answer.counts['unsure'] !== 0) return {verdict: 'unsure'}
  const account = emptyAccount()
  const detail = 'more different values than a rule counts exactly'
  if (answer.rows.some(row => columnBeyondExact(compiled, row) !== undefined)) return {verdict: 'refused', detail}
  const finished = answer.rows.map(row => finishedRow(compiled, row))
  const rows = Array.from(postprocessed(finished, {plan, params, resolve, account}), rowText)
  const counted = Object.entries({...answer.counts, ...hookErrorsOf(account)})
  const counts = Object.fromEntries(counted.filter(([name, count]) => name !== 'unsure' && count !== 0))
  return compared(wanted, {rows, counts})
}

/** What an engine may end a query with rather than answer: DuckDB for sums beyond its decimals. */
const stops = /Overflow in (?:SUM|HUGEINT)|out of range/i

interface Outcome {
  readonly rows: readonly string[]
  readonly counts: Readonly<Record<string, number>>
}

function compared(wanted: Outcome, found: Outcome): Verdict {
  if (isDeepStrictEqual(wanted, found)) return {verdict: 'same'}
  return {verdict: 'different', detail: `expected ${JSON.stringify(wanted)}\nfound    ${JSON.stringify(found)}`}
}

function countsOf(account: Account): Record<string, number> {
  const named = (prefix: string, counts: Readonly<Record<string, number>>): [string, number][] =>
    Object.entries(counts).map(([name, count]) => [`${prefix}: ${name}`, count])
  const coerced = Object.fromEntries(Object.entries(account.coerced).map(([name, {count}]) => [name, count]))
  const all: [string, number][] = [
    ['in', account.in],
    ['blank', account.blank],
    ['used', account.used],
    ...named('filtered', account.filteredByReason),
    ...named('bad', account.badByReason),
    ...named('dropped', account.dropped),
    ...named('coerced', coerced),
    ...Object.entries(hookErrorsOf(account)),
  ]
  return Object.fromEntries(all.filter(([, count]) => count !== 0).sort())
}

/** With what was thrown: it tells of the values that were seen. */
function hookErrorsOf({hookErrors}: Account): Record<string, number> {
  return Object.fromEntries(
    Object.entries(hookErrors).map(([name, {count, message}]) => [`threw: ${name}: ${message}`, count]),
  )
}
