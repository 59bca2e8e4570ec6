import {type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs} from 'node:fs/promises'
import {errorCodeOf} from '../../base/index.ts'
import {diskIdOf} from './disk-id.ts'

/** An open file. */
export interface OpenFile {
  /** Writes all of the buffers behind what was written before. They must not change until it is done. */
  append(buffers: readonly Uint8Array[]): Promise<void>
  /** Fills `buffer` from `position` on; returns how many bytes there were, less only at the end of the file. */
  read(buffer: Buffer, position: number): Promise<number>
  bytes(): Promise<number>
  /** On the disk when it resolves. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Room on a disk, bytes: what this user may still write, and all of it. */
export interface DiskSpace {
  /** Equal for paths on one disk, whatever node asks. */
  readonly disk: string
  readonly freeBytes: number
  readonly totalBytes: number
}

/** The calls to a disk that a store of blobs makes: a port, so that a test can make any of them fail. */
export interface FileSystem {
  /** A new file for writing; refused when there is one. */
  create(path: string, mode: number): Promise<OpenFile>
  openForReading(path: string): Promise<OpenFile>
  rename(from: string, to: string): Promise<void>
  /** No error when there is no such file. */
  remove(path: string): Promise<void>
  /** Makes a folder for this user alone; says whether it is new. */
  makeFolder(path: string): Promise<boolean>
  /** Names in a folder; none when there is no such folder. */
  list(path: string): Promise<string[]>
  /** Undefined when there is no such file. */
  bytesOf(path: string): Promise<number | undefined>
  space(path: string): Promise<DiskSpace>
  /** Names in this folder are on the disk when it resolves. */
  syncFolder(path: string): Promise<void>
}

export const nodeFileSystem: FileSystem = {
  create: async (path, mode) => openFile(await open(path, 'wx', mode)),
  openForReading: async path => openFile(await open(path, 'r')),
  rename,
  remove: path => rm(path, {force: true}),
  makeFolder: async path => (await mkdir(path, {recursive: true, mode: 0o700})) !== undefined,
  list: async path => (await unlessMissing(readdir(path))) ?? [],
  bytesOf: async path => (await unlessMissing(stat(path)))?.size,
  space: async path => {
    const [disk, {bavail, blocks, bsize}] = await Promise.all([diskIdOf(path), statfs(path)])
    return {disk, freeBytes: bavail * bsize, totalBytes: blocks * bsize}
  },
  syncFolder: async path => {
    await using folder = await open(path, 'r')
    await folder.sync()
  },
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function openFile(handle: FileHandle): OpenFile {
  return {
    append: buffers => appendAll(handle, buffers),
    read: (buffer, position) => readFully(handle, buffer, position),
    bytes: async () => (await handle.stat()).size,
    sync: () => handle.sync(),
    close: () => handle.close(),
  }
}

/** One call as a rule. A disk that gets full takes a part first, and says so with the next. */
async function appendAll(handle: FileHandle, buffers: readonly Uint8Array[]): Promise<void> {
  let {bytesWritten} = await handle.writev(buffers)
  for (const buffer of buffers) {
    const skipped = Math.min(bytesWritten, buffer.length)
    bytesWritten -= skipped
    for (let start = skipped; start < buffer.length; ) start += (await handle.write(buffer, start)).bytesWritten
  }
}

async function readFully(handle: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let filled = 0
  while (filled < buffer.length) {
    const {bytesRead} = await handle.read(buffer, filled, buffer.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}
