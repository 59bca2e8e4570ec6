import {closeSync, fsyncSync, openSync} from 'node:fs'

/** Makes the names in a folder durable: a new or renamed file is not safe before its folder is. */
export function syncFolderNow(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
