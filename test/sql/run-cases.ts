/**
 * `node test/sql/run-cases.ts [COUNT [FIRST SEED [ENGINE …]]]`: the differential test, 300 cases by default.
 *
 * One process for some cases, one at a time, with limits of memory and time: what once took a machine down with it fails as one seed.
 */
import {join} from 'node:path'
import type {Verdict} from './differential.ts'
import {runLimited} from './limited.ts'

/** Few enough that a crash costs little, enough that opening two engines does not dominate. */
const batchCases = 25
/** They take ClickHouse about half a minute, most of it planning; a machine may be busy with other things. */
const batchSeconds = 300

const caseCount = Number(process.argv[2] ?? 300)
const firstSeed = Number(process.argv[3] ?? 1)
const names = process.argv.slice(4)
const tally: Record<string, number> = {}
const reasons: Record<string, number> = {}
const faults: string[] = []

for (const engine of names.length > 0 ? names : ['kernel', 'clickhouse', 'duckdb']) {
  for (let seed = firstSeed; seed < firstSeed + caseCount; seed += batchCases) {
    runBatch(engine, seed, Math.min(batchCases, firstSeed + caseCount - seed))
  }
}

function runBatch(engine: string, first: number, count: number): void {
  const given = [engine, String(first), String(count)]
  const {stdout, stderr, status, signal} = runLimited(join(import.meta.dirname, 'batch.ts'), given, batchSeconds)
  let last = first
  for (const line of stdout.split('\n').filter(text => text !== '')) {
    const told = JSON.parse(line) as {isInstalled?: boolean; begun?: number; verdicts?: Record<string, Verdict>}
    if (told.isInstalled === false) throw new Error(`${engine} is not installed: npm install in test/sql`)
    last = told.begun ?? last
    for (const [name, verdict] of Object.entries(told.verdicts ?? {})) note(last, name, verdict)
  }
  if (status === 0) return
  faults.push(`seed ${last}, ${engine}: the process ended with ${signal ?? status}: ${stderr.trim().slice(-600)}`)
  if (last + 1 < first + count) runBatch(engine, last + 1, first + count - last - 1)
}

function note(seed: number, name: string, {verdict, detail}: Verdict): void {
  const label = `${name} ${verdict}`
  tally[label] = (tally[label] ?? 0) + 1
  if (verdict === 'refused') for (const reason of detail.split('; ')) reasons[reason] = (reasons[reason] ?? 0) + 1
  if (verdict === 'different' || verdict === 'failed') faults.push(`seed ${seed}, ${name} ${verdict}: ${detail}`)
}

console.log(tally)
console.log('refused:', reasons)
for (const fault of faults.slice(0, 10)) console.error(fault)
if (faults.length > 0) process.exitCode = 1
