/** So many transfers at once with one node, so many more wait, the rest is sent away to try again. */
import {transfersActiveMax, transfersWaitingMax, transferWaitMs} from './limits.ts'

export type Admission = 'in' | 'full' | 'late' | 'gone'

/** Each that was let in says when it leaves. */
export class Gate {
  readonly #lines = new Map<string, {active: number; readonly waiting: (() => void)[]}>()

  /** Resolves to `in` when it is its turn: `leave` must be called then. */
  async enter(node: string, signal: AbortSignal): Promise<Admission> {
    const line = this.#lines.get(node) ?? {active: 0, waiting: []}
    this.#lines.set(node, line)
    if (line.active < transfersActiveMax) {
      line.active++
      return 'in'
    }
    if (line.waiting.length >= transfersWaitingMax) return 'full'
    const {promise, resolve} = Promise.withResolvers<Admission>()
    const next = (): void => resolve('in')
    line.waiting.push(next)
    const giveUp = (how: 'late' | 'gone') => (): void => {
      const at = line.waiting.indexOf(next)
      if (at < 0) return
      line.waiting.splice(at, 1)
      resolve(how)
    }
    const onAbort = giveUp('gone')
    const timer = setTimeout(giveUp('late'), transferWaitMs)
    signal.addEventListener('abort', onAbort, {once: true})
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Its place goes to the first who waits. */
  leave(node: string): void {
    const line = this.#lines.get(node)
    if (line === undefined) return
    const next = line.waiting.shift()
    if (next !== undefined) next()
    else if (--line.active === 0) this.#lines.delete(node)
  }
}
