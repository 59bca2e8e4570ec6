/** Where this process has its compiled code kept, for processes that it starts. */
import {getCompileCacheDir} from 'node:module'
import {dirname} from 'node:path'

/** Node adds a folder of its own below. @returns undefined when none is kept */
export function codeCacheFolder(): string | undefined {
  const folder = getCompileCacheDir()
  return folder === undefined ? undefined : dirname(folder)
}
