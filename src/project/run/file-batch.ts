/** The batch of a run over files: what a database knows it by, so that the same files count once. */
import {createHash, randomUUID} from 'node:crypto'
import {createReadStream, statSync} from 'node:fs'
import {basename} from 'node:path'
import {messageOf, printable, UserError} from '../../base/index.ts'
import {batchId, compilePlan, type Params, planHash} from '../../rules/index.ts'
import type {Batch} from '../../sinks/index.ts'
import {findInputs, type InputFile} from '../../worker/index.ts'
import {inputPatterns, readingRules} from './rule-inputs.ts'
import type {RunSource} from './run-rule.ts'

export interface FileBatch {
  readonly batch: Batch
  /** There is a pipe among the inputs, which is another one each time: run again, its rows come again. */
  readonly isUnknown: boolean
  /** @throws UserError INPUT_UNREADABLE when an input is not what it was when the batch was named */
  check(): void | Promise<void>
}

/**
 * Reads all files once for their hashes. Each stands for its name without the folder, size and hash: the same files elsewhere
 * are the same batch, a log that has grown is another one.
 *
 * @throws UserError BAD_FLAG, INPUT_NOT_FOUND, INPUT_UNREADABLE; the signal's reason
 */
export async function fileBatch(
  {rule, module, keyset}: RunSource,
  given: {
    readonly inputs: readonly string[]
    readonly params: Params
    readonly startedAtMs: number
    readonly signal: AbortSignal
  },
): Promise<FileBatch> {
  const {plan} = compilePlan(rule, {module, keyset})
  const hash = planHash(plan)
  const patterns = new Set(readingRules(rule).flatMap(one => inputPatterns(one, given.inputs, given.params)))
  const files = findInputs([...patterns]).files.map(fileOf)
  const identities: string[] = []
  for (const file of files) identities.push(file === undefined ? randomUUID() : await identityOf(file, given.signal))
  return {
    batch: {
      id: batchId(plan.rule, hash, identities),
      rule: plan.rule,
      planHash: hash,
      scope: 'all',
      blobCount: files.length,
      startedAtMs: given.startedAtMs,
    },
    isUnknown: files.includes(undefined),
    check: () => files.forEach(checkSame),
  }
}

interface File {
  readonly path: string
  readonly bytes: number
  readonly modifiedMs: number
}

function fileOf({path, bytes}: InputFile): File | undefined {
  if (path === undefined || bytes === undefined) return undefined
  const stat = statSync(path)
  return {path, bytes: stat.size, modifiedMs: stat.mtimeMs}
}

async function identityOf({path, bytes}: File, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const piece of createReadStream(path, {highWaterMark: 1 << 20, signal})) hash.update(piece as Buffer)
  } catch (error) {
    signal.throwIfAborted()
    throw new UserError('INPUT_UNREADABLE', `cannot read ${printable(path)}: ${messageOf(error)}`, {cause: error})
  }
  return JSON.stringify([basename(path), bytes, hash.digest('hex')])
}

function checkSame(file: File | undefined): void {
  if (file === undefined) return
  const stat = statSync(file.path, {throwIfNoEntry: false})
  if (stat?.size === file.bytes && stat.mtimeMs === file.modifiedMs) return
  throw new UserError('INPUT_UNREADABLE', `${printable(file.path)} changed while it was read; nothing was written`, {
    hint: 'run it again when the file is complete, or follow it with: ddfs watch',
  })
}
