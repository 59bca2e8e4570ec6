import {createHash} from 'node:crypto'
import {mkdirSync} from 'node:fs'
import {type FileHandle, open} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {messageOf, UserError} from '../../base/index.ts'
import {syncFolderNow} from '../files/sync-folder.ts'
import {
  type BackupFile,
  type BackupManifest,
  backupVersion,
  footerBytes,
  footerMagic,
  manifestBytesMax,
  parseManifest,
} from './format.ts'

/** How much of a file is copied at once, bytes. */
const pieceBytes = 1 << 20

export interface OpenBackup {
  readonly manifest: BackupManifest
  /** Writes all files below a folder, durably, with their modes. @throws UserError BACKUP_BROKEN naming the file that is not as it was */
  extract(folder: string): Promise<void>
  close(): Promise<void>
}

/** @throws UserError BACKUP_BROKEN when it is none, is cut short, or was written by a newer program */
export async function openBackup(path: string): Promise<OpenBackup> {
  const file = await openFile(path)
  try {
    const manifest = await readManifest(file, path)
    return {
      manifest,
      extract: folder => extractAll(file, manifest, path, folder),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw new UserError('BACKUP_BROKEN', `${path} cannot be read: ${messageOf(error)}`, {cause: error})
  }
}

const broken = (path: string, why: string): UserError =>
  new UserError('BACKUP_BROKEN', `${path} ${why}`, {hint: 'nothing was restored; take another backup'})

async function readManifest(file: FileHandle, path: string): Promise<BackupManifest> {
  const {size} = await file.stat()
  if (size < footerBytes) throw broken(path, 'is no backup, or was cut short')
  const footer = await readAt(file, size - footerBytes, footerBytes)
  if (footer.toString('latin1', 0, 8) !== footerMagic) throw broken(path, 'is no backup, or was cut short')
  const version = footer.readUInt32BE(8)
  if (version > backupVersion) {
    throw new UserError('BACKUP_BROKEN', `${path} was written by a newer version of this program`, {
      hint: `it has format ${version}, this program knows ${backupVersion}: restore it with the newer version`,
    })
  }
  if (version < 1) throw broken(path, 'has a footer that was changed')
  const length = footer.readUInt32BE(12)
  if (length > manifestBytesMax || length > size - footerBytes) throw broken(path, 'has a list of files that cannot be')
  const text = await readAt(file, size - footerBytes - length, length)
  if (!createHash('sha256').update(text).digest().equals(footer.subarray(16))) {
    throw broken(path, 'has a list of files that was changed')
  }
  const manifest = parseManifest(text.toString(), path)
  const bytes = manifest.files.reduce((sum, one) => sum + one.bytes, 0)
  if (bytes !== size - footerBytes - length) throw broken(path, 'was cut short or added to')
  return manifest
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const {bytesRead} = await file.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}

async function extractAll(file: FileHandle, manifest: BackupManifest, path: string, folder: string): Promise<void> {
  const folders = new Set<string>()
  let position = 0
  for (const one of manifest.files) {
    const target = join(folder, one.path)
    mkdirSync(dirname(target), {recursive: true, mode: 0o700})
    for (let each = dirname(target); each.length >= folder.length; each = dirname(each)) folders.add(each)
    await extractOne(file, {file: one, position, target, path})
    position += one.bytes
  }
  for (const each of folders) syncFolderNow(each)
}

interface Extraction {
  readonly file: BackupFile
  readonly position: number
  readonly target: string
  /** Of the backup. */
  readonly path: string
}

async function extractOne(from: FileHandle, {file, position, target, path}: Extraction): Promise<void> {
  const hash = createHash('sha256')
  await using out = await open(target, 'wx', file.mode)
  for (let done = 0; done < file.bytes; ) {
    const piece = await readAt(from, position + done, Math.min(pieceBytes, file.bytes - done))
    if (piece.length === 0) throw broken(path, 'was cut short')
    hash.update(piece)
    await out.writeFile(piece)
    done += piece.length
  }
  if (hash.digest('hex') !== file.sha256) throw broken(path, `is damaged: ${file.path} is not as it was`)
  // The umask of whoever restores may have taken some of it.
  await out.chmod(file.mode)
  await out.sync()
}
