/** Tells when something in a folder of rules changes, once for changes that belong together. */
import {settleMs} from './limits.ts'

export interface FolderWatcher {
  /** Follows files outside the folder too: rules import them. */
  add(files: readonly string[]): void
  close(): Promise<void>
}

/**
 * Resolves when changes are seen. Names that begin with a dot, and node_modules, are passed over.
 *
 * @param folder - absolute path
 * @param onChange - called `settleMs` after the last of several changes
 */
export async function watchFolder(
  folder: string,
  onChange: () => void,
  onProblem: (message: string) => void,
): Promise<FolderWatcher> {
  const {watch} = await import('chokidar')
  let timer: NodeJS.Timeout | undefined
  const watcher = watch(folder, {
    ignoreInitial: true,
    ignorePermissionErrors: true,
    ignored: path => /(^|[\\/])(node_modules|\.[^\\/]*)$/.test(path.slice(folder.length)),
  })
  watcher.on('all', () => {
    clearTimeout(timer)
    timer = setTimeout(onChange, settleMs)
  })
  watcher.on('error', error => onProblem(error instanceof Error ? error.message : String(error)))
  await new Promise<void>(resolve => watcher.once('ready', resolve))
  return {
    add: files => void watcher.add(files.filter(file => !file.startsWith(`${folder}/`))),
    async close() {
      clearTimeout(timer)
      await watcher.close()
    },
  }
}
