/** Small files that are written whole, by the master and what it serves. */
import {closeSync, fsyncSync, openSync, renameSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'

/** Replaces a file of mode 0600: a crash leaves the old one or the new one. Durable when it returns. */
export function writeDurably(path: string, text: string): void {
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
