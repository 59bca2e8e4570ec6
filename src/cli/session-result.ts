/** What a run gives with --json: its rows as data, and what became of its records. */
import type {Account} from '../engine/index.ts'
import {type Delivered, RowCounter, type RuleFindings, type RuleRun, shownHeaders} from '../project/index.ts'
import type {Cell} from '../rules/index.ts'
import {cellJson} from '../sinks/index.ts'
import {choiceOfRows} from './deliver-rows.ts'
import {peakMemoryBytes} from './peak-memory.ts'
import type {ChosenRowsFlags} from './session-flags.ts'

/** What --json prints. */
export interface SessionResult {
  readonly rule: string
  readonly job: string
  readonly keysets:
    | Readonly<Record<string, {readonly columns: readonly string[]; readonly rows: readonly unknown[]}>>
    | undefined
  readonly rowCounts: Readonly<Record<string, number>>
  readonly estimates: Readonly<Record<string, number>>
  readonly files: readonly string[]
  readonly account: Account
  readonly seconds: number
  readonly bytes: number
  readonly peakMemoryBytes: number
  readonly threads: number
  readonly spilledBytes: number
  /** What is hardly meant, of each rule in which there is something. */
  readonly findings: readonly RuleFindings[]
}

/** Rows as data, for --json; numbers keep their digits. */
export function collectRows(
  run: RuleRun,
  flags: ChosenRowsFlags,
): {keysets: NonNullable<SessionResult['keysets']>; delivered: Delivered} {
  const choice = choiceOfRows(flags)
  const keysets = Object.fromEntries(
    shownHeaders(run.headers, choice).map(header => [header.name, {columns: header.columns, rows: [] as unknown[]}]),
  )
  const counter = new RowCounter(run, choice)
  for (const {keyset, key, values} of counter.counted()) {
    keysets[keyset] ??= {columns: [], rows: []}
    keysets[keyset].rows.push([...key, ...values.map(jsonValue)])
  }
  return {keysets, delivered: {...counter.counts(), files: [], to: 'stream'}}
}

/** A cell as JSON.stringify should write it. */
function jsonValue(cell: Cell): unknown {
  if (cell === null || typeof cell === 'string' || typeof cell === 'boolean') return cell
  if (Array.isArray(cell)) return cell.map(jsonValue)
  const text = cellJson(cell)
  if (!text.startsWith('{')) return JSON.rawJSON(text)
  return Object.fromEntries(
    Object.entries(cell as Record<string, Cell>).map(([name, value]) => [name, jsonValue(value)]),
  )
}

/**
 * @param keysets - the rows, when `--json` prints them
 * @param seconds - from the start of the command until the rows are where they belong
 */
export function resultOf(
  run: RuleRun,
  delivered: Delivered,
  keysets: SessionResult['keysets'],
  seconds: number,
): SessionResult {
  const account = run.account()
  return {
    rule: run.plan.rule,
    get job() {
      return run.jobId
    },
    keysets,
    rowCounts: delivered.rowCounts,
    estimates: delivered.estimates,
    files: delivered.files,
    account,
    seconds,
    bytes: account.bytes,
    peakMemoryBytes: peakMemoryBytes(),
    threads: run.threads,
    spilledBytes: run.spilledBytes,
    findings: [],
  }
}
