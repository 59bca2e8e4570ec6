/** Makes the folder that results go to. */
import {mkdir, stat} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'

/**
 * Makes a folder and those above it that are missing.
 *
 * Not with `mkdir(…, {recursive: true})`: where the system says ENOENT although the folder above is there (/proc), that
 * never ends, and a read-only file system looks to it like a folder that went away.
 *
 * @returns the first folder that was made; undefined when all were there
 * @throws what the system says: EACCES, EROFS, ENOSPC, ENOTDIR …
 */
export async function makeFolder(dir: string): Promise<string | undefined> {
  const missing: string[] = []
  for (let folder = resolve(dir); !(await isFolder(folder)); folder = dirname(folder)) missing.unshift(folder)
  for (const folder of missing) {
    await mkdir(folder).catch(async (error: NodeJS.ErrnoException) => {
      // Somebody else may have made it in this very moment.
      if (error.code !== 'EEXIST' || !(await isFolder(folder))) throw error
    })
  }
  return missing[0]
}

async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  throw Object.assign(new Error(`${path} is a file`), {code: 'ENOTDIR'})
}
