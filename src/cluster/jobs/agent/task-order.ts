/** A run as it was ordered, and its inputs as they come. */
import {compareKeys} from '../../../pipeline/index.ts'
import type {TaskInput, TaskRequest} from '../../../protocol/index.ts'

export type StartOrder = Extract<TaskRequest, {type: 'start-run'}>

/** The inputs of one run: known ones, and whether more may come. The same task and number again replaces what was not taken. */
export class RunInputs {
  readonly #waiting = new Map<string, TaskInput>()
  readonly #taken = new Set<string>()
  #isComplete: boolean
  #onChange: (() => void)[] = []

  constructor(inputs: readonly TaskInput[], isComplete: boolean) {
    this.#isComplete = false
    this.add(inputs, isComplete)
  }

  get isComplete(): boolean {
    return this.#isComplete
  }

  add(inputs: readonly TaskInput[], isEnd: boolean): void {
    for (const input of inputs) {
      const name = `${input.task} ${input.number}`
      if (!this.#taken.has(name)) this.#waiting.set(name, input)
    }
    if (isEnd) this.#isComplete = true
    for (const wake of this.#onChange.splice(0)) wake()
  }

  /** Those that are here and were not taken, in their order. */
  take(): TaskInput[] {
    const inputs = [...this.#waiting.values()].sort(
      (left, right) => compareKeys(left.key, right.key) || left.number - right.number,
    )
    for (const name of this.#waiting.keys()) this.#taken.add(name)
    this.#waiting.clear()
    return inputs
  }

  /** Resolves when there is something to take, or nothing more can come. */
  async some(signal: AbortSignal): Promise<void> {
    while (this.#waiting.size === 0 && !this.#isComplete) await this.#change(signal)
  }

  /** Resolves when all are known. */
  async all(signal: AbortSignal): Promise<void> {
    while (!this.#isComplete) await this.#change(signal)
  }

  /** @throws the signal's reason */
  #change(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason)
      signal.addEventListener('abort', onAbort, {once: true})
      this.#onChange.push(() => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      })
    })
  }
}
