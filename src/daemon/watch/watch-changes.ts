import type {Stats} from 'node:fs'
import {relative, sep} from 'node:path'
import type {FileStat} from './events.ts'
import {fileStatOf} from './list-files.ts'

export interface ChangeWatcher {
  close(): Promise<void>
}

export interface ChangeListeners {
  /** A file as it is now; undefined: something else has happened. */
  onChange(stat: FileStat | undefined): void
  /** It sees nothing any more: too many watches, a file system without them. */
  onLost(message: string): void
}

/** Tells of changes in a folder as the system reports them. Resolves when it does. */
export async function watchChanges(
  folder: string,
  isRecursive: boolean,
  listeners: ChangeListeners,
): Promise<ChangeWatcher> {
  const {watch} = await import('chokidar')
  const watcher = watch(folder, {
    ignoreInitial: true,
    alwaysStat: true,
    atomic: false,
    ignorePermissionErrors: true,
    // Of hidden files and folders nothing is followed. What is above the folder does not count.
    ignored: path => /(^|[\\/])\.[^\\/]/.test(relative(folder, path).replace(/^\.\.?$/, '')),
    ...(isRecursive ? {} : {depth: 0}),
  })
  watcher.on('all', (event, path, stats?: Stats) => {
    const isFile = (event === 'add' || event === 'change') && stats?.isFile() === true
    listeners.onChange(isFile ? fileStatOf(relative(folder, path).split(sep).join('/'), stats) : undefined)
  })
  await new Promise<void>(resolve => {
    watcher.once('ready', resolve)
    watcher.on('error', error => {
      listeners.onLost(error instanceof Error ? error.message : String(error))
      resolve()
    })
  })
  return {close: () => watcher.close()}
}
