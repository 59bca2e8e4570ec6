import type {Dirent, Stats} from 'node:fs'
import {readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {errorCodeOf} from '../../base/index.ts'
import type {FileStat} from './events.ts'

/** Guards against links in circles. */
const folderDepthMax = 32

/** Calls to the file system at a time: more wait in its queue anyway. */
const parallelCount = 32

/** All files of a folder, without hidden ones. What vanishes meanwhile is not in it. @throws of the system when the folder cannot be read */
export async function listFiles(folder: string, isRecursive: boolean): Promise<FileStat[]> {
  const files: FileStat[] = []
  await listInto(files, folder, '', isRecursive ? folderDepthMax : 0)
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function listInto(files: FileStat[], root: string, below: string, depth: number): Promise<void> {
  const entries = await readdir(join(root, below), {withFileTypes: true})
  const visible = entries.filter(entry => !entry.name.startsWith('.'))
  for (let at = 0; at < visible.length; at += parallelCount) {
    await Promise.all(visible.slice(at, at + parallelCount).map(entry => listOne(files, root, below, entry, depth)))
  }
}

async function listOne(files: FileStat[], root: string, below: string, entry: Dirent, depth: number): Promise<void> {
  const path = below === '' ? entry.name : `${below}/${entry.name}`
  if (entry.isDirectory() && depth === 0) return
  try {
    const stats = await stat(join(root, path))
    if (stats.isFile()) files.push(fileStatOf(path, stats))
    else if (stats.isDirectory() && depth > 0) await listInto(files, root, path, depth - 1)
  } catch (error) {
    // Gone since the folder was read, a link to nothing, or not for our eyes: not there, as far as we can tell.
    if (!['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'EPERM'].includes(errorCodeOf(error))) throw error
  }
}

/** @param path - relative to the folder, with `/` */
export function fileStatOf(path: string, stats: Stats): FileStat {
  return {
    path,
    identity: `${stats.dev}:${stats.ino}`,
    bytes: stats.size,
    modifiedAtMs: Math.floor(stats.mtimeMs),
  }
}
