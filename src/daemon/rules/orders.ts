/**
 * How commands reach a daemon: an order is a row in its state, and a touch of a file that the daemon watches tells it to look. Without
 * a daemon the row waits for the next one. The daemon looks at each renewal of its lease as well, in case a touch is not seen.
 */
import {closeSync, futimesSync, openSync, watch} from 'node:fs'
import {join} from 'node:path'

const fileName = 'orders'

/** Tells the daemon of a state folder that there is an order. */
export function touchOrders(folder: string): void {
  const descriptor = openSync(join(folder, fileName), 'a', 0o600)
  try {
    const nowSeconds = Date.now() / 1000
    futimesSync(descriptor, nowSeconds, nowSeconds)
  } finally {
    closeSync(descriptor)
  }
}

/** @returns closes it */
export function watchOrders(folder: string, onTouch: () => void, onProblem: (message: string) => void): () => void {
  touchOrders(folder)
  const watcher = watch(join(folder, fileName), {persistent: false}, onTouch)
  watcher.on('error', error => onProblem(error.message))
  return () => watcher.close()
}
