/**
 * Where the console of rule files prints. Rows go to standard output, so what a rule prints while it is tried out goes to
 * standard error; only a result processor, which may well print its rows, gets the real console.
 */
import type {Console} from 'node:console'

const usual = globalThis.console
let redirected: Console | undefined

/** From now on `console` prints to standard error. Threads need nothing: all they print is passed on to standard error. */
export function redirectConsole(): void {
  // Both modules load all of Node's streams, which takes a millisecond: only rule files need them.
  if (!process.getBuiltinModule('node:worker_threads').isMainThread) return
  redirected ??= new (process.getBuiltinModule('node:console').Console)(process.stderr, process.stderr)
  globalThis.console = redirected
}

/** Runs `work` with the console that prints to standard output. */
export async function withUsualConsole<T>(work: () => Promise<T> | T): Promise<T> {
  const before = globalThis.console
  globalThis.console = usual
  try {
    return await work()
  } finally {
    globalThis.console = before
  }
}
