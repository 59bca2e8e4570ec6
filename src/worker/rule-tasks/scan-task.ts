/** The task of one input: scans it in this thread, and leaves a partial. */
import {mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {UserError} from '../../base/index.ts'
import {type Account, emptyAccount, needsPairs, tableCountOf} from '../../engine/index.ts'
import {InputLostError} from '../jobs/shuffle/index.ts'
import type {TaskInput} from '../jobs/task/types.ts'
import {checkBad} from '../max-bad.ts'
import {counterSlots, type PartResult} from '../scan-job.ts'
import {inputSource} from './input-source.ts'
import {keep, keptName, takeKept} from './kept-partials.ts'
import {progressIntervalMs} from './limits.ts'
import type {PartialFooter} from './partial-format.ts'
import {PartialWriter} from './partial-writer.ts'
import {accountOfUnused, skippedBy, type UnusedChunk} from './skip-by-statistics.ts'
import {keepTaskScanner, type LoadedWork, openTaskScanner} from './task-scanner.ts'
import type {RuleStage, RuleWork, VerifiedFile} from './types.ts'

export type ScanStage = Extract<RuleStage, {type: 'scan'}>

export interface ScanTaskPorts {
  /** Sent with requests for inputs. */
  readonly headers: Readonly<Record<string, string>>
  progress(progress: {readonly records: number; readonly bytes: number}): void
  /** All blocks of a file were compared with their checksums. Absent: nobody remembers it. */
  readonly verified?: (file: VerifiedFile) => void
}

export interface RuleTaskOutcome {
  /** Name in the task's folder. */
  readonly file: string
  /** Of the file. */
  readonly bytes: number
  readonly account: Account
  /** Taken from inputs. */
  readonly sourceBytes: number
  readonly counters: Readonly<Record<string, number>>
}

/** Names of partials tell the merge where they came from. */
const freshFile = 'fresh.partial'
export const keptFile = 'kept.partial'

/** @throws UserError and InputLostError, as a scan in one process does */
export async function scanTask(
  loaded: LoadedWork,
  stage: ScanStage,
  input: TaskInput,
  folder: string,
  ports: ScanTaskPorts,
): Promise<RuleTaskOutcome> {
  const {work} = loaded
  const name = keptName(work, stage)
  const kept = name === undefined ? undefined : takeKept(stage.cacheFolder!, name, join(folder, keptFile))
  if (kept !== undefined) {
    checkTaskBad(work, kept.account)
    return {file: keptFile, bytes: kept.bytes, account: kept.account, sourceBytes: 0, counters: {cached: 1}}
  }
  const scratch = join(folder, 'scratch')
  mkdirSync(scratch, {recursive: true, mode: 0o700})
  try {
    const outcome = await scanned(loaded, stage, {input, folder, scratch, key: name ?? '', ports})
    if (name !== undefined) keep(stage.cacheFolder!, name, join(folder, freshFile))
    return outcome
  } catch (error) {
    const lost = lostIn(error)
    if (lost === undefined) throw error
    if (!work.allowsMissing) throw lost
    return missingInput(work, stage, folder)
  } finally {
    rmSync(scratch, {recursive: true, force: true})
  }
}

interface ScanPlace {
  readonly input: TaskInput
  readonly folder: string
  readonly scratch: string
  readonly key: string
  readonly ports: ScanTaskPorts
}

async function scanned(loaded: LoadedWork, stage: ScanStage, place: ScanPlace): Promise<RuleTaskOutcome> {
  const {work} = loaded
  const {plan} = work
  const {scratch, ports, input, folder, key} = place
  const opened = await openTaskScanner(loaded, scratch)
  const {scanner, params, seen, blocks} = opened
  const writer = new PartialWriter(join(folder, freshFile), tableCountOf(plan))
  const timer = setInterval(
    () => ports.progress({records: seen[counterSlots.records]!, bytes: seen[counterSlots.sourceBytes]!}),
    progressIntervalMs,
  )
  try {
    // Runs go where they stay: large ones would be copied twice.
    scanner.giveRunsTo((table, write) => writer.addRun(table, !needsPairs(plan), write))
    // The rule's code has run by now, and may have set parameters.
    const unused = skippedBy(plan, params, stage, input)
    if (unused !== undefined) {
      const result = resultOfUnused(stage.input.name, unused)
      const {account} = result
      scanner.finish()
      const bytes = finishPartial(writer, key, result, unused)
      keepTaskScanner(loaded, opened)
      return {file: freshFile, bytes, account, sourceBytes: 0, counters: {skipped: 1}}
    }
    const format = stage.input.format ?? plan.format
    const isReadAtOnce = format.format !== 'custom'
    const from = {headers: ports.headers, blocks: isReadAtOnce ? blocks : undefined, onVerified: ports.verified}
    const open = (): AsyncIterable<Uint8Array> => inputSource(stage, input, from)
    const file = {name: stage.input.name, path: undefined, bytes: stage.input.bytes, compression: undefined, open}
    const result = await scanner.run({kind: 'file', part: 0, format, input: file})
    checkTaskBad(work, result.account)
    scanner.finish()
    const bytes = finishPartial(writer, key, result)
    const sourceBytes = seen[counterSlots.sourceBytes]!
    keepTaskScanner(loaded, opened)
    const {account} = result
    const told = {bad: account.bad, scannedBytes: account.bytes}
    return {file: freshFile, bytes, account, sourceBytes, counters: told}
  } finally {
    clearInterval(timer)
    writer.close()
  }
}

/** What a scan finds in a chunk none of whose records is used. */
function resultOfUnused(name: string, unused: UnusedChunk): PartResult {
  const account = accountOfUnused(unused)
  return {part: 0, name, isFirst: true, isFull: false, account, lines: unused.recordCount, badFile: null}
}

/** @param writer - has all runs */
function finishPartial(writer: PartialWriter, key: string, result: PartResult, unused?: UnusedChunk): number {
  const {account, lines, name, badFile} = result
  if (badFile !== null) writer.addBad(0, name, badFile)
  return writer.finish({key, name, account, lines, cached: [], missing: [], ...skipsOf(unused)})
}

function skipsOf(unused: UnusedChunk | undefined): Pick<PartialFooter, 'skips'> {
  if (unused === undefined) return {}
  const {recordCount, rawBytes, because} = unused
  return {skips: [{input: 0, recordCount, rawBytes, because}]}
}

function missingInput(work: RuleWork, stage: ScanStage, folder: string): RuleTaskOutcome {
  const account = emptyAccount()
  const writer = new PartialWriter(join(folder, freshFile), tableCountOf(work.plan))
  try {
    const {name} = stage.input
    const bytes = writer.finish({key: '', name, account, lines: 0, cached: [], missing: [0]})
    return {file: freshFile, bytes, account, sourceBytes: 0, counters: {missing: 1}}
  } finally {
    writer.close()
  }
}

/** One task alone is over: nobody has to wait for the others. */
export function checkTaskBad({badMax}: RuleWork, account: Account): void {
  if (badMax !== null) checkBad(account, {kind: 'count', count: badMax})
}

/** A lost input passes through the reader, which says that its input is unreadable. */
export function lostIn(error: unknown): InputLostError | undefined {
  if (error instanceof InputLostError) return error
  return error instanceof UserError && error.cause !== undefined ? lostIn(error.cause) : undefined
}
