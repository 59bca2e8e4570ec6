/** The records of one input of a job's first stage, in batches, by the reader that the job names. */
import {excerptOf} from '../../../base/index.ts'
import {makeReader, type RecordSink} from '../../../engine/index.ts'
import type {CompiledJob} from '../../../jobs/index.ts'
import {decompressed} from '../../decompress.ts'
import {badSampleCountMax, recordExcerptChars} from '../limits.ts'
import type {TaskAccount, TaskInput, TaskPorts} from '../task/types.ts'
import {LineSplitter} from './line-splitter.ts'
import {inputBytes} from './open-input.ts'

/** Counts records of a run, and stops it when too many are bad. */
export class RecordAccount {
  readonly #badMax: number | null
  in = 0
  bad = 0
  readonly badByReason: Record<string, number> = {}
  readonly badSamples: TaskAccount['badSamples'][number][] = []

  constructor(badMax: number | null) {
    this.#badMax = badMax
  }

  /** @throws Error when the job allows no more */
  addBad(input: string, line: number, reason: string, text: string): void {
    this.in++
    this.bad++
    this.badByReason[reason] = (this.badByReason[reason] ?? 0) + 1
    const excerpt = excerptOf(text, recordExcerptChars)
    if (this.badSamples.length < badSampleCountMax) this.badSamples.push({input, line, reason, excerpt})
    if (this.#badMax !== null && this.bad > this.#badMax)
      throw new Error(
        `more than ${this.#badMax} records cannot be read; the last one is line ${line} of ${input} (${reason}): ${excerpt}`,
      )
  }
}

/**
 * @returns batches in the order of the input; each is new
 * @throws InputLostError, UserError INPUT_UNREADABLE at a line that is too long, what a custom reader throws, and when there are too many bad records
 */
export async function* readRecords(
  input: TaskInput,
  job: CompiledJob,
  ports: TaskPorts,
  account: RecordAccount,
): AsyncGenerator<readonly unknown[]> {
  const name = input.replicas[0] ?? `input ${input.number}`
  const chunks = decompressed(inputBytes(input, ports), name)
  const {reader} = job.plan
  if (reader.type === 'bytes') {
    const parts = await Array.fromAsync(chunks)
    account.in++
    yield [new Uint8Array(Buffer.concat(parts))]
    return
  }
  if (job.reader !== undefined) {
    let position = 0
    const context = {
      input: name,
      params: job.plan.params,
      bad: (reason: string, text = '') => account.addBad(name, ++position, reason, text),
    }
    for await (const record of job.reader(chunks, context)) {
      account.in++
      position++
      yield [record]
    }
    return
  }
  let batch: unknown[] = []
  const push = pusherOf(job, name, account, record => batch.push(record))
  for await (const chunk of chunks) {
    push.push(chunk)
    if (batch.length === 0) continue
    account.in += batch.length
    yield batch
    batch = []
  }
  push.end()
  account.in += batch.length
  if (batch.length > 0) yield batch
}

function pusherOf(
  job: CompiledJob,
  name: string,
  account: RecordAccount,
  take: (record: unknown) => void,
): {push(chunk: Uint8Array): void; end(): void} {
  const {reader} = job.plan
  if (reader.type === 'lines') {
    return new LineSplitter({line: take, bad: (line, text) => account.addBad(name, line, 'not UTF-8', text)}, name)
  }
  const sink: RecordSink = {
    record: take,
    bad: (reason, line, text, detail) =>
      account.addBad(name, line, detail === undefined ? reason : `${reason}: ${detail}`, text),
    // Lines without an object hold nothing to read for a rule; a job that reads JSON lines is told.
    skipped: (kind, line) => {
      if (kind === 'no-object') account.addBad(name, line, 'not an object', '')
    },
  }
  const format = reader.type === 'csv' ? ({...reader, format: 'csv'} as const) : ({format: 'json'} as const)
  return makeReader(format, sink, {isFirst: true})
}
