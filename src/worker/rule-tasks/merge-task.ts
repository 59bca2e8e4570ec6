/** The last task of a rule's job: all partials to one. Needs no code of the rule: only its own functions reduce rows, and those run where the rows go. */
import {createWriteStream, mkdirSync, rmSync} from 'node:fs'
import {basename, join} from 'node:path'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {assert} from '../../base/index.ts'
import {
  type Account,
  addAccount,
  emptyAccount,
  mergeTable,
  needsPairs,
  type OpenRunSource,
  tableCountOf,
} from '../../engine/index.ts'
import {inputBytes, localPathOf, openAddress} from '../jobs/inputs/open-input.ts'
import {InputLostError} from '../jobs/shuffle/index.ts'
import type {TaskInput} from '../jobs/task/types.ts'
import {copyRun, keepRun, openRun, type Run} from '../run-files.ts'
import {UnusedFilesFinder} from '../unused-files.ts'
import {isLeftToRows} from './left-to-rows.ts'
import {fetchParallelCount} from './limits.ts'
import {PartialWriter} from './partial-writer.ts'
import {Parts} from './parts.ts'
import {BrokenPartial, openPartial, type Partial, processStartMs} from './read-partial.ts'
import {keptFile, type RuleTaskOutcome, type ScanTaskPorts} from './scan-task.ts'
import type {RuleStage, RuleWork} from './types.ts'

export type MergeStage = Extract<RuleStage, {type: 'merge'}>

const mergedFile = 'merged.partial'

/**
 * @param inputs - one partial for each of the job's inputs, in their order
 * @returns the merge, then its parts in their order
 * @throws InputLostError naming the partial that cannot be read
 */
export async function mergeTask(
  work: RuleWork,
  {names, isBesideRows}: MergeStage,
  inputs: readonly TaskInput[],
  folder: string,
  ports: ScanTaskPorts,
): Promise<readonly RuleTaskOutcome[]> {
  assert(names.length === inputs.length, 'each input of the job has one partial')
  const scratch = join(folder, 'scratch')
  mkdirSync(scratch, {recursive: true, mode: 0o700})
  try {
    const partials = await gather(inputs, scratch, ports)
    const sourceBytes = partials.reduce((sum, {bytes}) => sum + bytes, 0)
    const isKept = inputs.map(input => basename(decodeURIComponent(pathOf(input))).startsWith(keptFile))
    const parts = new Parts(folder)
    const {account, bytes} = merge(work, partials, {
      names,
      isBesideRows,
      isKept,
      scratch,
      path: join(folder, mergedFile),
      parts,
    })
    const merged = {file: mergedFile, bytes, account, sourceBytes, counters: {}}
    return [merged, ...parts.files.map(part => ({...part, account: emptyAccount(), sourceBytes: 0, counters: {}}))]
  } finally {
    rmSync(scratch, {recursive: true, force: true})
  }
}

/** The last part of a path, or of the path in a URL that ends with a ticket. */
function pathOf({replicas}: TaskInput): string {
  const replica = replicas[0] ?? ''
  return localPathOf(replica) ?? new URL(replica).pathname.split('/').at(-2) ?? ''
}

/** Brings all of them here, a few at a time, and checks each. */
async function gather(inputs: readonly TaskInput[], scratch: string, ports: ScanTaskPorts): Promise<Partial[]> {
  const partials: Partial[] = []
  let next = 0
  let bytes = 0
  const take = async (): Promise<void> => {
    for (let index = next++; index < inputs.length; index = next++) {
      const partial = await openInput(inputs[index]!, join(scratch, `fetched-${index}`), ports)
      partials[index] = partial
      bytes += partial.bytes
      ports.progress({records: 0, bytes})
    }
  }
  await Promise.all(Array.from({length: Math.min(fetchParallelCount, inputs.length)}, take))
  return partials
}

async function openInput(input: TaskInput, target: string, {headers}: ScanTaskPorts): Promise<Partial> {
  const local = input.replicas.map(localPathOf).find(path => path !== undefined)
  if (local === undefined) {
    const openInput = (of: TaskInput, replica: string, from: number) => openAddress(of, replica, from, {headers})
    await pipeline(Readable.from(inputBytes(input, {openInput}), {objectMode: false}), createWriteStream(target))
  }
  try {
    return openPartial(local ?? target, local === undefined ? {} : {poweredSinceMs: processStartMs()})
  } catch (error) {
    if (!(error instanceof BrokenPartial)) throw error
    const lost = new InputLostError(error.message, input.replicas[0] ?? `input ${input.number}`, 0, {cause: error})
    lost.input = input.number
    throw lost
  }
}

interface MergePlace {
  readonly names: readonly string[]
  readonly isBesideRows: boolean
  readonly isKept: readonly boolean[]
  readonly scratch: string
  readonly path: string
  readonly parts: Parts
}

function merge(
  work: RuleWork,
  partials: readonly Partial[],
  {names, isBesideRows, isKept, scratch, path, parts}: MergePlace,
): {readonly account: Account; readonly bytes: number} {
  const {plan} = work
  const account = emptyAccount()
  const writer = new PartialWriter(path, tableCountOf(plan))
  const opened = new Set<OpenRunSource>()
  const open = (run: Run, originOffset = 0): OpenRunSource => {
    const source = {...openRun(run), originOffset}
    opened.add(source)
    return source
  }
  let keptCount = 0
  try {
    for (let table = 0; table < tableCountOf(plan); table++) {
      const own = partials.flatMap(partial => partial.runs[table]!)
      if (own.length === 0) continue
      if (isLeftToRows(plan, own, isBesideRows)) {
        for (const partial of partials) leaveRuns(writer, table, partial, parts)
        continue
      }
      const runs = partials.flatMap((partial, input) => partial.runs[table]!.map(run => () => open(run, input)))
      const keep = (write: (sink: (block: Uint8Array) => void) => void) => {
        const run = keepRun(join(scratch, `merge-${keptCount++}`), 0, write)
        return () => open(run)
      }
      writer.addRun(table, !needsPairs(plan), sink => mergeTable({plan, table, runs, keepRun: keep}, sink))
    }
    const unused = new UnusedFilesFinder()
    for (const [input, partial] of partials.entries()) {
      unused.add(names[input]!, true, partial.account)
      addAccount(account, renamed(partial, names[input]!))
      for (const bad of partial.bad) writer.addBad(input, names[input]!, partial.path, bad)
    }
    const bytes = writer.finish({
      key: '',
      name: '',
      account,
      lines: 0,
      cached: numbersOf(partials, (_, input) => isKept[input]!),
      skips: partials.flatMap(({skips = []}, input) => (isKept[input]! ? [] : skips.map(skip => ({...skip, input})))),
      unused: unused.found(),
      missing: numbersOf(partials, ({missing}) => missing.length > 0),
      ...(parts.files.length > 0 ? {parts: parts.files.map(part => part.bytes)} : {}),
    })
    return {account, bytes}
  } finally {
    for (const source of opened) source.close()
    writer.close()
  }
}

function leaveRuns(writer: PartialWriter, table: number, partial: Partial, parts: Parts): void {
  const runs = partial.runs[table]!
  const part = runs.length === 0 ? undefined : parts.numberOf(partial)
  if (part === undefined) for (const run of runs) writer.addRun(table, true, sink => copyRun(openRun(run), sink))
  else for (const entry of partial.tables[table]!) writer.addRunOf(table, part, entry)
}

/** A kept partial may have been made when the input was called something else. */
function renamed({account, name}: Partial, now: string): Account {
  if (name === now) return account
  const rename = <Sample extends {readonly file: string}>(sample: Sample): Sample =>
    sample.file === name ? {...sample, file: now} : sample
  const hookErrors = Object.entries(account.hookErrors).map(
    ([hook, error]) => [hook, {...error, sample: rename(error.sample)}] as const,
  )
  return {...account, badSamples: account.badSamples.map(rename), hookErrors: Object.fromEntries(hookErrors)}
}

function numbersOf(partials: readonly Partial[], holds: (partial: Partial, input: number) => boolean): number[] {
  return partials.flatMap((partial, input) => (holds(partial, input) ? [input] : []))
}
