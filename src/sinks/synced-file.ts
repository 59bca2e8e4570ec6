/** Files that are whole on the disk before anyone hears of them. */
import {type FileHandle, open} from 'node:fs/promises'
import {UserError} from '../base/index.ts'
import {batchesOf} from './batches.ts'
import {outputError} from './output-error.ts'

/**
 * Writes a new file and syncs it. It is made under the temporary name; errors name `path`, which it is to have.
 *
 * @throws UserError OUTPUT_FAILED; the signal's reason; what `chunks` throws
 */
export async function writeFileSynced(
  temporary: string,
  path: string,
  chunks: Iterable<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await attempt(path, () => open(temporary, 'wx'))
  try {
    for (const batch of batchesOf(chunks)) {
      signal?.throwIfAborted()
      await attempt(path, () => writeAll(file, batch))
    }
    await attempt(path, () => file.sync())
  } finally {
    await attempt(path, () => file.close())
  }
}

async function writeAll(file: FileHandle, batch: string | Uint8Array): Promise<void> {
  // writeFile on a handle goes on after short writes, where write() would leave the rest to us.
  await file.writeFile(batch)
}

/** Makes the renames survive a power cut. */
export async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Does what the file system may refuse. */
export async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw error instanceof UserError ? error : outputError(error, path)
  }
}
