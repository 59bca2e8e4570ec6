import {UserError} from '../base/index.ts'

/**
 * Aborts on Ctrl-C and SIGTERM, so that temporary files go and the terminal comes back; a second Ctrl-C ends at
 * once.
 */
export function interruptSignal(message: string): {signal: AbortSignal; release: () => void} {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort(new UserError('INTERRUPTED', message, {exitCode: 130}))
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}
