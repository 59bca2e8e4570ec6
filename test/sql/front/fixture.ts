/** A rule and its dirty lines, here and on ClickHouse. */

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {availableParallelism, tmpdir} from 'node:os'
import {join} from 'node:path'
import {
  ClickhouseConnection,
  type EngineInputs,
  type RuleRun,
  runOnClickhouse,
  runRule,
} from '../../../src/project/index.ts'
import {avg, count, defineRule, distinct, max, type Rule, sum, where} from '../../../src/rules/index.ts'
import {rowText} from '../row-text.ts'
import type {Front} from './front.ts'

export const clicks: Rule = defineRule({
  name: 'clicks',
  format: 'json',
  params: {least: 0},
  partsPreprocess: [where('ms >= $least')],
  keysets: {
    sites: {
      keyParts: ['site'],
      valueParts: {n: count(), ms: sum('ms'), worst: max('ms'), mean: avg('ms')},
    },
    users: {keyParts: ['user.country'], valueParts: {users: distinct('user.id')}},
  },
})

/** Some broken, some blank, text where numbers should be. */
export function dirtyLines(count: number, from = 0): string {
  const line = (number: number): string => {
    if (number % 31 === 7) return '{broken'
    if (number % 37 === 5) return ''
    if (number % 41 === 3) return '[1, 2]'
    const ms = number % 13 === 0 ? 'n/a' : number % 7 === 0 ? `${number}.5` : number / 8
    const user = {id: number % 50, country: number % 11 === 0 ? null : ['CA', 'US'][number % 2]}
    return JSON.stringify({site: ['a', 'b', 'c ü'][number % 3], ms, user})
  }
  return Array.from({length: count}, (_, index) => `${line(from + index)}\n`).join('')
}

export interface Told {
  readonly rows: readonly string[]
  readonly account: object
}

/** What can be compared: bytes and samples are of those who saw the lines. */
export function told(run: Pick<RuleRun, 'rows' | 'account'>): Told {
  const rows = Array.from(run.rows(), rowText)
  const {bytes: _, badSamples: __, coerced, ...account} = run.account()
  const counts = Object.entries(coerced).map(([name, {count: times}]) => [name, times])
  return {rows, account: {...account, coerced: Object.fromEntries(counts)}}
}

const never = new AbortController().signal

/** @param text - of one file */
export async function here(rule: Rule, text: string, params: object = {}): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-here-'))
  try {
    const path = join(folder, 'lines.json')
    writeFileSync(path, text)
    const run = await runRule(
      {rule, module: 'm', address: null},
      {inputs: [path], params: {...params}, threads: availableParallelism(), memoryBytes: 1 << 26, signal: never},
    )
    const found = told(run)
    run.close()
    return found
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

export async function there(
  front: Front,
  rule: Rule,
  inputs: readonly string[],
  given: Partial<EngineInputs> & {readonly signal?: AbortSignal} = {},
): Promise<Told> {
  await using connection = await ClickhouseConnection.open(front.address, {})
  const run = await runOnClickhouse(
    {rule, module: 'm', address: null},
    {connection, inputs, params: {}, keys: undefined, ...given},
    {signal: given.signal ?? never},
  )
  return told(run)
}
