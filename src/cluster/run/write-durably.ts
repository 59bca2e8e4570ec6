/** Small files that are written whole, by the master and what it serves. */
import {closeSync, fsyncSync, openSync, renameSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {ClusterError, errorCodeOf} from '../../base/index.ts'

const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

/**
 * Replaces a file of mode 0600: a crash leaves the old one or the new one. Durable when it returns.
 *
 * @throws ClusterError DISK_FULL, with the old file as it was; other errors of the system as they are
 */
export function writeDurably(path: string, text: string): void {
  try {
    replace(path, text)
  } catch (error) {
    if (!fullCodes.has(errorCodeOf(error))) throw error
    throw new ClusterError('DISK_FULL', `no room left for ${path}`, {hint: 'free space on its disk', cause: error})
  }
}

function replace(path: string, text: string): void {
  const draft = `${path}.new`
  const file = openSync(draft, 'w', 0o600)
  try {
    // All of it: a disk that is nearly full may take a part and give no error.
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
