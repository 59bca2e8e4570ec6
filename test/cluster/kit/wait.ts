/** Waiting on what the cluster says, with a deadline. */
import {createServer} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'

const pollMs = 50

/**
 * @param check - returns something other than undefined and false when it is so; what it throws counts as not yet
 * @throws Error naming `what` and the last problem when `deadlineMs` have passed
 */
export async function waitFor<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = 20_000,
): Promise<T> {
  const startMs = performance.now()
  let problem = ''
  for (;;) {
    try {
      const result = await check()
      if (result !== undefined && result !== false) return result
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
    if (performance.now() - startMs > deadlineMs) {
      throw new Error(`not within ${deadlineMs} ms: ${what}${problem === '' ? '' : ` (${problem})`}`)
    }
    await sleep(pollMs)
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>(resolve => server.close(() => resolve()))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
