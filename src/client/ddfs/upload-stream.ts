/** The wire side of an upload: one PUT a node, all fed from one source. */
import type {ClientRequest} from 'node:http'
import {freeBytes, UserError} from '../../base/index.ts'
import type {UploadAnswer, UploadTarget} from '../../protocol/index.ts'
import {connectionError, type HttpClient, readJson, responseOf, silenceMs} from '../cluster/http.ts'

/** A file that another program writes while it is pushed. */
export class SourceChanged extends UserError {
  constructor(name: string, how: string) {
    super('INPUT_UNREADABLE', `${name} changed while it was sent: it ${how}`, {
      hint: 'push it again when nothing writes to it any more; for a growing log there is: ddfs watch',
    })
  }
}

interface Bytes {
  readonly name: string
  /** undefined: not known before the end. */
  readonly bytes: number | undefined
  readonly isGivenAway?: boolean
  open(): AsyncIterable<Uint8Array>
}

/**
 * Reads the source once and writes it to all uploads at the pace of the slowest. Ends early when all of them have answered.
 *
 * @throws SourceChanged when there are more or fewer bytes than was said; what the source throws
 */
export async function writeSource(
  source: Bytes,
  uploads: readonly Upload[],
  options: {readonly signal?: AbortSignal | undefined; readonly onBytes?: ((bytes: number) => void) | undefined},
): Promise<void> {
  let bytes = 0
  for await (const piece of source.open()) {
    options.signal?.throwIfAborted()
    const open = uploads.filter(upload => upload.isOpen)
    if (open.length === 0) {
      // They have it already, or cannot take it.
      options.onBytes?.(Math.max(0, (source.bytes ?? bytes) - bytes))
      return
    }
    bytes += piece.length
    if (source.bytes !== undefined && bytes > source.bytes) throw new SourceChanged(source.name, 'grew')
    const {length} = piece
    const taken = await Promise.all(open.map(upload => upload.write(piece)))
    if (source.isGivenAway === true && !taken.includes(false)) freeBytes(piece)
    options.onBytes?.(length)
  }
  if (source.bytes !== undefined && bytes < source.bytes) throw new SourceChanged(source.name, 'shrank')
  for (const upload of uploads) upload.end()
}

/** One PUT. Its node may answer before the body ends: because it has the blob, or cannot take it. */
export class Upload {
  readonly answer: Promise<UploadAnswer>
  readonly #request: ClientRequest
  readonly #url: string
  #isOpen = true
  #isWaiting = false

  constructor(http: HttpClient, target: UploadTarget, bytes: number | undefined, signal: AbortSignal | undefined) {
    const headers = bytes === undefined ? {} : {'content-length': bytes}
    this.#url = target.url
    this.#request = http.open({method: 'PUT', url: target.url, headers, signal})
    // Before there is a byte to send: a node waits minutes for a body, and seconds for a head.
    this.#request.flushHeaders()
    // A slow source is no silence of the node: once connected, it is watched only where it is awaited.
    const unwatch = (): void => {
      if (!this.#isWaiting) this.#request.setTimeout(0)
    }
    this.#request.once('socket', socket => (socket.connecting ? socket.once('connect', unwatch) : unwatch()))
    this.answer = this.#receive()
    // The result is looked at when all have ended.
    this.answer.catch(() => undefined)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Resolves when the system has taken all of the piece, or the node is out: false when it may still be looked at. */
  async write(piece: Uint8Array): Promise<boolean> {
    if (!this.#isOpen) return true
    let isTaken = false
    await this.#waitFor(
      new Promise(resolve => {
        const done = (): void => {
          this.#request.off('close', done).off('error', done)
          resolve()
        }
        this.#request.on('close', done).on('error', done)
        this.answer.then(done, done)
        this.#request.write(piece, () => {
          isTaken = true
          done()
        })
      }),
    )
    return isTaken
  }

  /** The body is whole. */
  end(): void {
    if (!this.#isOpen) {
      this.abort()
      return
    }
    this.#request.end()
    void this.#waitFor(
      this.answer.then(
        () => undefined,
        () => undefined,
      ),
    )
  }

  abort(): void {
    if (!this.#request.writableFinished) this.#request.destroy()
  }

  async #receive(): Promise<UploadAnswer> {
    try {
      const response = await responseOf(this.#request, this.#url)
      this.#isOpen = false
      const answer = await readJson<UploadAnswer>(response, this.#url)
      // An early answer: what is left of the body is not wanted.
      this.abort()
      return answer
    } catch (error) {
      this.#isOpen = false
      this.#request.destroy()
      throw connectionError(error, this.#url)
    }
  }

  /** Gives the node up when it takes nothing for `silenceMs` while it has something to take, or to answer. */
  async #waitFor(move: Promise<void>): Promise<void> {
    this.#isWaiting = true
    this.#request.setTimeout(silenceMs)
    await move
    this.#isWaiting = false
    this.#request.setTimeout(0)
  }
}
