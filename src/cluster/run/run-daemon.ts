/** Runs a node in this process until it is told to end: by a signal, over HTTP, or by what happens to it. */
import {messageOf} from '../../base/index.ts'
import {NodeProcess} from './node-process.ts'
import type {EndReason, NodeOptions} from './options.ts'

/** Closing waits for what runs. What takes longer hangs, and is left to the next start, which expects crashes. Milliseconds. */
const closeMsMax = 15_000

/** A process that is known to be wrong inside gets this long to say so. Milliseconds. */
const bugCloseMsMax = 2_000

/** Exit status of a bug of ours (`EX_SOFTWARE`). */
const exitCodeBug = 70

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface DaemonHooks {
  /** The node is in its cluster and takes requests. What it returns is closed before the node. */
  readonly onReady: (node: NodeProcess) => AsyncDisposable | undefined
}

/**
 * Returns when the node was asked to end, also when it was still starting.
 *
 * @throws as NodeProcess.start; UserError when the master sends the node away; ClusterError STALE_EPOCH when a newer master has
 *   taken over; what a handler threw by mistake
 */
export async function runDaemon(options: Omit<NodeOptions, 'onEnd'>, hooks: DaemonHooks): Promise<void> {
  const {promise: ended, resolve: end} = Promise.withResolvers<EndReason>()
  const starting = new AbortController()
  const onEnd = (reason: EndReason): void => {
    end(reason)
    starting.abort(reason.error ?? new Error(reason.message))
  }
  const daemon: Daemon = {ended, signal: starting.signal, hurry: new AbortController(), node: undefined}
  const seen = new Set<NodeJS.Signals>()
  const onSignal = (signal: NodeJS.Signals): void => {
    // What a terminal says when it closes is what a service says for "read your files again".
    if (signal === 'SIGHUP' && daemon.node?.hasTls === true) {
      daemon.node.reloadTls()
      return
    }
    // Twice the same: whoever stops it does not want to wait. (Ctrl-C reaches started agents twice, as two different ones.)
    if (seen.has(signal)) daemon.hurry.abort()
    seen.add(signal)
    onEnd({message: signal})
  }
  const log = options.openLog('node')
  // Nothing can be said about the state after it: the next start goes on from what is on the disk.
  const onCrash = (error: unknown): void => {
    log({level: 'error', msg: 'crashed', text: error instanceof Error ? (error.stack ?? '') : messageOf(error)})
    process.exit(exitCodeBug)
  }
  for (const signal of signals) process.on(signal, onSignal)
  process.on('uncaughtException', onCrash)
  try {
    const reason = await run({...options, onEnd}, hooks, daemon)
    log({level: reason.error === undefined ? 'info' : 'error', msg: 'stopped', reason: reason.message})
    if (reason.error !== undefined) throw reason.error
  } finally {
    for (const signal of signals) process.off(signal, onSignal)
    process.off('uncaughtException', onCrash)
  }
}

interface Daemon {
  readonly ended: Promise<EndReason>
  /** Aborted: it ends, also while it is starting. */
  readonly signal: AbortSignal
  /** Aborted: it ends without waiting for tasks. */
  readonly hurry: AbortController
  node: NodeProcess | undefined
}

async function run(options: NodeOptions, hooks: DaemonHooks, daemon: Daemon): Promise<EndReason> {
  const {ended, signal, hurry} = daemon
  let timer: NodeJS.Timeout | undefined
  void ended.then(reason => {
    timer = leaveInTime(reason, options)
  })
  try {
    await using running = new AsyncDisposableStack()
    const node = await NodeProcess.start(options, signal)
    running.defer(() => node.close())
    daemon.node = node
    const beside = hooks.onReady(node)
    if (beside !== undefined) running.use(beside)
    const reason = await ended
    if (reason.error === undefined) await node.drain(hurry.signal)
    return reason
  } catch (error) {
    // Told to end while it was starting: that, and not what came of it, is why it ends.
    if (signal.aborted) return ended
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Ends the process when closing hangs. */
function leaveInTime({error}: EndReason, options: NodeOptions): NodeJS.Timeout {
  const isBug = error instanceof Error && !['UserError', 'ClusterError'].includes(error.name)
  const timer = setTimeout(
    () => {
      options.openLog('node')({level: 'error', msg: 'closing took too long'})
      process.exit(isBug ? exitCodeBug : 1)
    },
    isBug ? bugCloseMsMax : (options.drainMs ?? 0) + closeMsMax,
  )
  timer.unref()
  return timer
}
