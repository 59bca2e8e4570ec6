/** Two ends in one process: a master and its own agent. Texts, too, so that the two share nothing. */
import {frameBytesMax} from '../protocol/index.ts'
import {type Channel, type ChannelListener, EarlyTexts} from './channel.ts'

/** Two ends in one process. Texts arrive in later turns of the loop, as over a socket. */
export function memoryChannelPair(leftName: string, rightName: string): readonly [Channel, Channel] {
  const left = new MemoryEnd(rightName)
  const right = new MemoryEnd(leftName)
  left.other = right
  right.other = left
  return [left, right]
}

class MemoryEnd implements Channel {
  readonly remote: string
  queuedBytes = 0
  other: MemoryEnd | undefined
  readonly #early = new EarlyTexts()
  #outbox: string[] = []
  #isScheduled = false
  #isEnded = false

  constructor(remote: string) {
    this.remote = remote
  }

  send(text: string): void {
    if (this.#isEnded) return
    const bytes = Buffer.byteLength(text)
    if (bytes > frameBytesMax) {
      this.destroy('a frame is too large')
      return
    }
    this.queuedBytes += bytes
    this.#outbox.push(text)
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Never in the caller's own turn, as no socket would; a turn takes all that has gathered.
    setImmediate(() => this.#deliver())
  }

  listen(listener: ChannelListener | undefined): void {
    this.#early.listen(listener)
  }

  close(reason: string): Promise<void> {
    return new Promise(resolve => {
      setImmediate(() => {
        this.#deliver()
        this.destroy(reason)
        resolve()
      })
    })
  }

  destroy(reason: string): void {
    for (const end of [this, this.other]) {
      if (end === undefined || end.#isEnded) continue
      end.#isEnded = true
      end.#outbox = []
      end.queuedBytes = 0
      setImmediate(() => end.#early.end(reason))
    }
  }

  #deliver(): void {
    this.#isScheduled = false
    const texts = this.#outbox
    this.#outbox = []
    this.queuedBytes = 0
    for (const text of texts) {
      if (this.#isEnded) return
      if (this.other !== undefined && !this.other.#early.text(text)) this.destroy('nobody listens')
    }
    this.#early.drain()
  }
}
