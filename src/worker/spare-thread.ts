/** Scanning threads, and one that is started before anybody knows for which rule. */
import {statSync} from 'node:fs'
import {getCompileCacheDir} from 'node:module'
import type {Worker} from 'node:worker_threads'
import {compressionRatio, oneKernelBytesMax, youngGenerationMb} from './limits.ts'
import type {ThreadData} from './scan-job.ts'
import {threadEntry} from './thread-entry.ts'

/** Starts a thread, which waits for its job. */
function startThread(): Worker {
  // Not on import: threads bring all of Node's streams along, a millisecond that a small input does not need.
  const {Worker} = process.getBuiltinModule('node:worker_threads')
  return new Worker(threadEntry(), {
    workerData: {codeFolder: getCompileCacheDir(), words: process.argv.slice(1, 4)} satisfies ThreadData,
    resourceLimits: {maxYoungGenerationSizeMb: youngGenerationMb},
    // Rules may print while they are tried out; that must not mix with rows on stdout.
    stdout: true,
  })
}

/** Where a thread that was started ahead waits: the loader of the core starts it with a copy of this file of its own, before the core is there. */
const place = Symbol.for('disco-inferno.spare-thread')
const holder = globalThis as {[place]?: Worker | undefined}

/** The thread that was started ahead, or a new one. */
export function takeThread(): Worker {
  const thread = holder[place] ?? startThread()
  holder[place] = undefined
  thread.ref()
  return thread
}

/**
 * Starts a thread ahead if a command line names so much to read that one will be wanted: it gets ready (35 ms) while the command is
 * still being loaded. A wrong guess costs that time on another core, nothing else.
 *
 * @param words - any words of a command line; those that are files count
 * @returns whether there is a spare thread now
 */
export function startThreadFor(words: readonly string[]): boolean {
  // It waits already: the loader of the core has asked before.
  if (holder[place] !== undefined) return true
  let bytes = 0
  for (const word of words) {
    const stats = word.startsWith('-') ? undefined : statSync(word, {throwIfNoEntry: false})
    if (stats?.isFile()) bytes += stats.size * (/\.(gz|zst)$/.test(word) ? compressionRatio : 1)
  }
  if (bytes <= oneKernelBytesMax) return false
  holder[place] = startThread()
  // When nobody takes it, it must not keep the process alive.
  holder[place].unref()
  return true
}
