/** Runs again whenever the rule, a module it imports, or an input changes; until Ctrl-C. */
import {existsSync} from 'node:fs'
import {dirname} from 'node:path'
import {ClusterError, messageOf, printableLines, UserError} from '../base/index.ts'

export interface WatchOptions {
  /** One run; gives the modules that were read, so that they are watched too. */
  readonly run: () => Promise<readonly string[]>
  /** What to watch when the very first run fails: the rule file or its folder. */
  readonly ruleFiles: () => Promise<readonly string[]>
  /** As given by the person: files, folders, globs. */
  readonly inputs: readonly string[]
}

/** Changes within this time are one change: editors write a file in several steps. */
const settleMs = 80

/**
 * Runs at once, then again after each change. A run that fails is told and waits for the next change; SIGINT and SIGTERM end it
 * after the run that goes on.
 */
export async function watchUntilStopped({run, ruleFiles, inputs}: WatchOptions): Promise<void> {
  const {watch} = await import('chokidar')
  const watcher = watch([...(await ruleFiles()), ...inputs.map(watchable)], {
    ignoreInitial: true,
    ignorePermissionErrors: true,
    ignored: path => /(^|\/)(node_modules|\.git)(\/|$)/.test(path),
  })
  // Without a listener what cannot be watched (no more inotify watches, a folder that may not be read) would end the process.
  const toldProblems = new Set<string>()
  watcher.on('error', error => {
    const problem = messageOf(error)
    if (toldProblems.has(problem)) return
    toldProblems.add(problem)
    process.stderr.write(printableLines(`not everything is watched: ${problem}\n`))
  })
  // Changes are seen from then on; a run that starts earlier could miss one.
  await new Promise<void>(resolve => watcher.once('ready', resolve))
  let wake: () => void = () => undefined
  let isChanged = false
  let isStopped = false
  watcher.on('all', () => {
    isChanged = true
    wake()
  })
  const stop = (): void => {
    isStopped = true
    wake()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    while (!isStopped) {
      isChanged = false
      watcher.add([...(await runAndReport(run))])
      if (isStopped) break
      process.stderr.write('watching for changes; Ctrl-C stops\n')
      while (!isChanged && !isStopped) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      await new Promise(resolve => setTimeout(resolve, settleMs))
    }
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    await watcher.close()
  }
}

/**
 * Errors of the person and of a cluster or sink are shown and waited out: the next save may mend the first, and by then the others may have
 * passed. A wrong flag neither can.
 */
async function runAndReport(run: WatchOptions['run']): Promise<readonly string[]> {
  try {
    return await run()
  } catch (error) {
    const isTold = error instanceof UserError || error instanceof ClusterError
    if (!isTold || error.code === 'BAD_FLAG') throw error
    if (error.code === 'INTERRUPTED') return []
    const hint = error.hint === undefined ? '' : `Hint: ${error.hint}\n`
    // Names of files and answers of strangers are in it.
    process.stderr.write(printableLines(`Error: ${error.message}\n${hint}`))
    return []
  }
}

/** A glob is watched through the deepest folder above its first wildcard. */
function watchable(pattern: string): string {
  let path = pattern
  while (!existsSync(path) && path !== dirname(path)) path = dirname(path)
  return path
}
