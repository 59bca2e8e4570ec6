/**
 * Rows as NDJSON to an address, in parts. Each part has an Idempotency-Key that is the same whenever the batch is sent: a
 * receiver that keeps these keys counts each row once; we cannot know whether it does.
 */
import {setTimeout as sleep} from 'node:timers/promises'
import {ClusterError, excerptOf, UserError} from '../../base/index.ts'
import type {ResultRow} from '../../engine/index.ts'
import {ndjsonLines} from '../json.ts'
import type {Batch, RowSink, SinkReceipt} from '../row-sink.ts'
import type {KeysetHeader} from '../sections.ts'
import {networkVerdict} from '../sql/network-errors.ts'
import {checkRow, type SinkTable, unknownKeyset} from '../tables/index.ts'
import {type SinkTarget, withoutSecrets} from '../target/index.ts'
import {firstDelayMs, partCharsMax, partRowsMax, requestCountMax, requestTimeoutMs, retryAfterMaxMs} from './limits.ts'

export interface WebhookOptions {
  readonly attemptCountMax?: number
  readonly firstRetryDelayMs?: number
  readonly requestTimeoutMs?: number
}

/** Parts are sent one after another. Remembers no batches: `hasBatch` is always false. */
export class WebhookSink implements RowSink {
  readonly name: string
  readonly place: string
  readonly isExactlyOnce = false
  readonly #target: SinkTarget
  readonly #url: URL
  readonly #authorization: string | undefined
  readonly #tables: ReadonlyMap<string, SinkTable>
  readonly #headers: readonly KeysetHeader[]
  readonly #options: WebhookOptions

  /** @throws UserError BAD_SINK for another mode than append, and for http beyond this machine */
  constructor(target: SinkTarget, tables: readonly SinkTable[], options: WebhookOptions = {}) {
    if (target.mode !== 'append') {
      throw new UserError('BAD_SINK', `${target.name}: a webhook only appends, mode "${target.mode}" cannot be used`, {
        hint: 'use append, or a database',
        exitCode: 2,
      })
    }
    this.name = target.name
    this.place = target.place
    this.#target = target
    this.#url = new URL(target.address)
    if (this.#url.protocol === 'http:' && !isLoopback(this.#url.hostname)) {
      throw new UserError('BAD_SINK', `${target.name}: rows go over the network with https only`, {
        hint: 'write https://…; http is for addresses of this machine',
        exitCode: 2,
      })
    }
    this.#authorization = basicAuthorization(this.#url)
    this.#url.username = ''
    this.#url.password = ''
    this.#tables = new Map(tables.map(table => [table.keyset, table]))
    this.#headers = tables.map(table => ({
      name: table.keyset,
      columns: table.columns.map(column => column.name),
      keyCount: table.keyCount,
      table: table.name,
    }))
    this.#options = options
  }

  async ddl(): Promise<readonly string[]> {
    return []
  }

  async hasBatch(): Promise<boolean> {
    return false
  }

  async knowsBatch(): Promise<boolean> {
    return false
  }

  async write(batch: Batch, rows: Iterable<ResultRow>, signal: AbortSignal): Promise<SinkReceipt> {
    const rowCounts: Record<string, number> = Object.fromEntries([...this.#tables.values()].map(({name}) => [name, 0]))
    const lines = ndjsonLines(this.#headers, this.#counted(rows, rowCounts))
    let number = 0
    for (const {text, isLast} of partsOf(lines)) {
      await this.#send(batch, ++number, text, isLast, signal)
    }
    return {isRepeat: false, rowCounts}
  }

  async close(): Promise<void> {
    // Requests end with write.
  }

  *#counted(rows: Iterable<ResultRow>, rowCounts: Record<string, number>): Iterable<ResultRow> {
    for (const row of rows) {
      const table = this.#tables.get(row.keyset)
      if (table === undefined) throw unknownKeyset(row.keyset)
      checkRow(table, row)
      rowCounts[table.name] = rowCounts[table.name]! + 1
      yield row
    }
  }

  async #send(batch: Batch, part: number, body: string, isLast: boolean, signal: AbortSignal): Promise<void> {
    const countMax = this.#options.attemptCountMax ?? requestCountMax
    for (let attempt = 1; ; attempt++) {
      const {problem, waitMs} = await this.#try(batch, part, body, isLast, signal)
      if (problem === undefined) return
      if (attempt >= countMax || waitMs > retryAfterMaxMs) {
        throw new ClusterError('UNAVAILABLE', `${this.name}: part ${part} was not taken: ${problem}`, {
          retryable: true,
          hint: 'the receiver may have some parts; they come again with the same Idempotency-Key',
        })
      }
      const delayMs = Math.max(waitMs, (this.#options.firstRetryDelayMs ?? firstDelayMs) * 2 ** (attempt - 1))
      await sleep(delayMs, undefined, {signal}).catch(() => signal.throwIfAborted())
    }
  }

  /** @returns what went wrong and may work later; throws what will not */
  async #try(
    batch: Batch,
    part: number,
    body: string,
    isLast: boolean,
    signal: AbortSignal,
  ): Promise<{readonly problem?: string; readonly waitMs: number}> {
    const timeout = AbortSignal.timeout(this.#options.requestTimeoutMs ?? requestTimeoutMs)
    let response: Response
    let answer = ''
    try {
      response = await fetch(this.#url, {
        method: 'POST',
        body,
        headers: this.#headersOf(batch, part, isLast),
        // A redirect could carry the rows to somebody else.
        redirect: 'manual',
        signal: AbortSignal.any([signal, timeout]),
      })
      answer = (await response.text()).slice(0, 300)
    } catch (error) {
      signal.throwIfAborted()
      if (timeout.aborted) return {problem: 'no answer in time', waitMs: 0}
      const verdict = networkVerdict(error)
      if (verdict?.kind === 'final')
        throw new UserError('BAD_SINK', `${this.name}: ${verdict.error.message}`, {cause: error})
      return {problem: verdict?.kind === 'again' ? verdict.reason : this.#shown(String(error)), waitMs: 0}
    }
    if (response.ok) return {waitMs: 0}
    const problem = `it answered ${response.status}${answer === '' ? '' : `: ${this.#shown(excerptOf(answer))}`}`
    if (response.status === 429 || response.status === 408 || response.status >= 500) {
      return {problem, waitMs: retryAfterMs(response.headers.get('retry-after'))}
    }
    throw new UserError('OUTPUT_FAILED', `${this.name}: part ${part} was refused: ${problem}`, {
      hint: 'check the address of the sink and what its receiver expects',
    })
  }

  #headersOf(batch: Batch, part: number, isLast: boolean): Record<string, string> {
    return {
      'content-type': 'application/x-ndjson',
      'idempotency-key': `${batch.id}-${part}`,
      'inferno-batch': batch.id,
      'inferno-rule': encodeURIComponent(batch.rule),
      'inferno-scope': encodeURIComponent(batch.scope),
      'inferno-part': String(part),
      'inferno-last': String(isLast),
      ...(this.#authorization !== undefined && {authorization: this.#authorization}),
    }
  }

  #shown(text: string): string {
    return withoutSecrets(text, this.#target.secrets)
  }
}

/** At least one part, so that the receiver hears of a batch without rows too. */
function* partsOf(lines: Iterable<string>): Iterable<{readonly text: string; readonly isLast: boolean}> {
  let text = ''
  let count = 0
  for (const line of lines) {
    if (count >= partRowsMax || (count > 0 && text.length + line.length > partCharsMax)) {
      yield {text, isLast: false}
      text = ''
      count = 0
    }
    text += line
    count++
  }
  yield {text, isLast: true}
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host)
}

function basicAuthorization({username, password}: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** Seconds, or a date. */
function retryAfterMs(header: string | null): number {
  if (header === null) return 0
  if (/^\d+$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now())
}
