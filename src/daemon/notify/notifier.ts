/** Sends notices one after another; what cannot be sent is logged and changes nothing else. */
import {messageOf, UserError} from '../../base/index.ts'
import {type Channel, channelsFor} from './channels.ts'
import {resendAfterMs, waitingMax} from './limits.ts'
import type {Notice, NotifySettings, NotifyWishes} from './notice.ts'
import {Redactor} from './secret.ts'

export interface NotifyProblem {
  readonly channel: Channel['name']
  readonly rule: string
  readonly kind: Notice['kind']
  /** Without secrets. */
  readonly message: string
}

export interface NotifierOptions {
  readonly settings: NotifySettings
  readonly onProblem: (problem: NotifyProblem) => void
  readonly onSent?: (notice: Notice, channel: Channel['name']) => void
  /** Waits; ends early when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

/** At most `waitingMax` notices wait; further ones are given up at once. */
export class Notifier {
  readonly #options: NotifierOptions
  readonly #redactor = new Redactor()
  readonly #stopping = new AbortController()
  #work: Promise<void> = Promise.resolve()
  #waitingCount = 0

  constructor(options: NotifierOptions) {
    this.#options = options
  }

  /**
   * Sends a notice behind those that wait. Never rejects.
   *
   * @returns true when it is sent or given up; false when the end came before
   */
  async send(notice: Notice, wishes: NotifyWishes): Promise<boolean> {
    const channels = channelsFor(notice, wishes, this.#options.settings, this.#redactor)
    if (this.#waitingCount >= waitingMax) {
      for (const channel of channels) this.#fail(notice, channel, new Error('too many notices wait to be sent'))
      return true
    }
    this.#waitingCount++
    const sending = this.#work.then(async () => {
      for (const channel of channels) await this.#deliver(notice, channel)
      this.#waitingCount--
    })
    this.#work = sending
    await sending
    return !this.#stopping.signal.aborted
  }

  /** After what waits was tried once more. @param msMax - what is not sent until then is given up */
  async close(msMax: number): Promise<void> {
    const timer = setTimeout(() => this.#stopping.abort(), msMax)
    await this.#work
    clearTimeout(timer)
  }

  async #deliver(notice: Notice, channel: Channel): Promise<void> {
    const {signal} = this.#stopping
    for (let attempt = 0; ; attempt++) {
      try {
        signal.throwIfAborted()
        await channel.send(signal)
        this.#options.onSent?.(notice, channel.name)
        return
      } catch (error) {
        const pauseMs = resendAfterMs[attempt]
        if (pauseMs === undefined || error instanceof UserError || signal.aborted) {
          this.#fail(notice, channel, error)
          return
        }
        await this.#options.sleep(pauseMs, signal)
      }
    }
  }

  #fail({kind, rule}: Notice, {name: channel}: Channel, error: unknown): void {
    this.#options.onProblem({channel, rule, kind, message: this.#redactor.redact(messageOf(error))})
  }
}
