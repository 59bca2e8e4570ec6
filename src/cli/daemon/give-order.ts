/** `inferno pause`, `resume` and `wake`: an order for the daemon, now or when the next one starts. */
import {setTimeout as sleep} from 'node:timers/promises'
import {holderOf, touchOrders} from '../../daemon/index.ts'
import type {Order} from '../../storage/index.ts'
import type {StateFlags} from './state-flags.ts'
import {assertKnown, openState} from './state-folder.ts'

export interface OrderResult {
  readonly order: Order['type']
  /** null: all rules. */
  readonly rule: string | null
  /** The daemon has done it; else it waits for the next one. */
  readonly isDone: boolean
}

/** How long a daemon gets to take an order: it takes milliseconds, unless it is busy saving. Milliseconds. */
const takenMsMax = 5000
const lookEveryMs = 20

/** @throws UserError NOT_RUNNING, RULE_NOT_FOUND */
export async function giveOrder(
  type: Order['type'],
  rule: string | undefined,
  flags: StateFlags,
): Promise<OrderResult> {
  const {state, stateFolder} = await openState(flags)
  try {
    if (rule !== undefined) assertKnown(rule, state.known())
    const id = state.addOrder(type, rule)
    touchOrders(stateFolder)
    const result = {order: type, rule: rule ?? null}
    const isTaken = (): boolean => !state.orders().some(order => order.id === id)
    for (
      let waitedMs = 0;
      waitedMs < takenMsMax && holderOf(state, Date.now()) !== undefined;
      waitedMs += lookEveryMs
    ) {
      if (isTaken()) return {...result, isDone: true}
      await sleep(lookEveryMs)
    }
    return {...result, isDone: isTaken()}
  } finally {
    state.close()
  }
}

const words = {pause: 'paused', resume: 'resumed', wake: 'started'} as const

/** What became of an order, in one line: it may wait for a daemon. */
export function orderText({order, rule, isDone}: OrderResult): string {
  const what = rule ?? 'all rules'
  return isDone ? `${what}: ${words[order]}\n` : `${what}: will be ${words[order]} when a daemon works here\n`
}
