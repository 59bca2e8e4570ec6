/** Lets signals, messages and timers in between two pieces of work that leave no room for them. */
export function giveWay(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
