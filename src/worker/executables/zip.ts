/**
 * ZIP archives in memory: the job homes of Disco's packs. Read by the central directory, as all readers do; stored and deflated
 * files, no encryption, no ZIP64 (a pack is smaller than that).
 *
 * Nothing in an archive is believed: names stay inside the folder, sizes are checked before and while inflating, contents by
 * their CRC-32.
 */
import {crc32, deflateRawSync, inflateRawSync} from 'node:zlib'
import {compareText, formatBytes, messageOf, printable, UserError} from '../../base/index.ts'
import {isPackPath} from '../jobs/pack/format.ts'
import {homeBytesMax, homeFileCountMax} from './limits.ts'

export interface ZipFile {
  /** Relative, checked: it cannot leave the folder. */
  readonly path: string
  readonly bytes: number
  readonly isExecutable: boolean
  /** @throws UserError JOB_FILE_BROKEN when it is damaged */
  readonly content: () => Buffer
}

const endSignature = 0x06054b50
const centralSignature = 0x02014b50
const localSignature = 0x04034b50
const endBytes = 22
const centralBytes = 46
const localBytes = 30
const commentBytesMax = 0xffff
const zip64Mark = 0xffffffff
const fileTypeMask = 0o170000
const linkType = 0o120000
const madeByUnix = 3
const isEncrypted = 1
const stored = 0
const deflated = 8

/**
 * The files of an archive; of several with one name the last. Folders are made from their files.
 *
 * @param archive - may be empty: no files
 * @throws UserError JOB_FILE_BROKEN naming what is wrong
 */
export function readZip(archive: Buffer): ZipFile[] {
  if (archive.length === 0) return []
  const end = endOf(archive)
  const count = archive.readUInt16LE(end + 10)
  if (count > homeFileCountMax) throw broken(`it has ${count} files, more than ${homeFileCountMax}`)
  const files = new Map<string, ZipFile>()
  let at = archive.readUInt32LE(end + 16)
  let packedTotal = 0
  let total = 0
  for (let index = 0; index < count; index++) {
    if (at + centralBytes > end || archive.readUInt32LE(at) !== centralSignature)
      throw broken('its directory is damaged')
    const entry = entryAt(archive, at)
    at += entry.directoryBytes
    if (at > end) throw broken('its directory is damaged')
    // Files that share their bytes would be more than the archive has.
    packedTotal += entry.packedBytes
    total += entry.bytes
    if (packedTotal > archive.length) throw broken('its files have more bytes than it has')
    if (total > homeBytesMax) throw broken(`its files have more than ${formatBytes(homeBytesMax)}`)
    if (entry.isFolder) continue
    const {path, bytes, isExecutable} = entry
    files.set(path, {path, bytes, isExecutable, content: () => contentOf(archive, entry)})
  }
  checkFolders(files)
  return [...files.values()]
}

interface Entry {
  readonly path: string
  readonly isFolder: boolean
  readonly isExecutable: boolean
  readonly method: number
  readonly crc: number
  readonly packedBytes: number
  readonly bytes: number
  readonly localAt: number
  readonly directoryBytes: number
}

function entryAt(archive: Buffer, at: number): Entry {
  const nameBytes = archive.readUInt16LE(at + 28)
  const directoryBytes = centralBytes + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  const text = archive.toString('utf8', at + centralBytes, at + centralBytes + nameBytes)
  const isFolder = text.endsWith('/')
  const path = text.replace(/^(?:\.\/)+/, '').replace(/\/$/, '')
  const shownName = printable(text.slice(0, 200))
  const isHere = isFolder && path === ''
  if (!isHere && !isPackPath(path)) throw broken(`the name "${shownName}" in it does not stay in its folder`)
  const packedBytes = archive.readUInt32LE(at + 20)
  const bytes = archive.readUInt32LE(at + 24)
  const localAt = archive.readUInt32LE(at + 42)
  if ([packedBytes, bytes, localAt].includes(zip64Mark)) throw broken('it is a ZIP64 archive')
  if ((archive.readUInt16LE(at + 8) & isEncrypted) !== 0) throw broken(`"${shownName}" in it is encrypted`)
  const isUnix = archive[at + 5] === madeByUnix
  const mode = isUnix ? archive.readUInt16LE(at + 40) : 0
  if ((mode & fileTypeMask) === linkType) throw broken(`"${shownName}" in it is a link`)
  return {
    path,
    isFolder,
    isExecutable: (mode & 0o111) !== 0,
    method: archive.readUInt16LE(at + 10),
    crc: archive.readUInt32LE(at + 16),
    packedBytes,
    bytes,
    localAt,
    directoryBytes,
  }
}

/** The record at the end, behind which only its own comment may be. */
function endOf(archive: Buffer): number {
  const first = Math.max(0, archive.length - endBytes - commentBytesMax)
  for (let at = archive.length - endBytes; at >= first; at--) {
    if (archive.readUInt32LE(at) !== endSignature) continue
    if (at + endBytes + archive.readUInt16LE(at + 20) === archive.length) return at
  }
  throw broken('it does not end as one')
}

function contentOf(archive: Buffer, {path, method, crc, packedBytes, bytes, localAt}: Entry): Buffer {
  const damaged = (why: string, cause?: unknown): UserError =>
    broken(`"${printable(path)}" in it is damaged: ${why}`, cause)
  if (localAt + localBytes > archive.length || archive.readUInt32LE(localAt) !== localSignature)
    throw damaged('it is not where the directory says')
  const from = localAt + localBytes + archive.readUInt16LE(localAt + 26) + archive.readUInt16LE(localAt + 28)
  const packed = archive.subarray(from, from + packedBytes)
  if (packed.length !== packedBytes) throw damaged('the archive ends in it')
  const content = unpacked(packed, method, bytes, damaged)
  if (content.length !== bytes) throw damaged(`it has ${content.length} bytes instead of ${bytes}`)
  if (crc32(content) !== crc) throw damaged('it does not have its checksum')
  return content
}

function unpacked(
  packed: Buffer,
  method: number,
  bytes: number,
  damaged: (why: string, cause?: unknown) => UserError,
): Buffer {
  if (method === stored) return packed
  if (method !== deflated) throw damaged(`it is packed by method ${method}, which is not known`)
  try {
    return inflateRawSync(packed, {maxOutputLength: Math.max(1, bytes)})
  } catch (error) {
    throw damaged(messageOf(error), error)
  }
}

function checkFolders(files: ReadonlyMap<string, ZipFile>): void {
  for (const path of files.keys()) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at)
      if (files.has(folder)) throw broken(`"${printable(folder)}" in it is a file and a folder`)
    }
  }
}

export interface ZipSource {
  readonly path: string
  readonly content: Buffer
  readonly isExecutable: boolean
}

/** 1980-01-01, the first day of ZIP: so that the same files are the same bytes. */
const dosDate = 0x0021

/** An archive of files, in the order of their names. The same files give the same bytes. */
export function writeZip(sources: readonly ZipSource[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const {path, content, isExecutable} of [...sources].sort((left, right) => compareText(left.path, right.path))) {
    if (!isPackPath(path)) throw broken(`"${printable(path)}" is a name that not every system takes`)
    const name = Buffer.from(path)
    const packed = deflateRawSync(content, {level: 9})
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    // Names are UTF-8.
    common.writeUInt16LE(0x0800, 2)
    common.writeUInt16LE(deflated, 4)
    common.writeUInt16LE(dosDate, 8)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(name.length, 22)
    const local = Buffer.alloc(4)
    local.writeUInt32LE(localSignature)
    parts.push(local, common, name, packed)
    const head = Buffer.alloc(6)
    head.writeUInt32LE(centralSignature)
    head[4] = 20
    head[5] = madeByUnix
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(((0o100000 | (isExecutable ? 0o755 : 0o644)) << 16) >>> 0, 6)
    tail.writeUInt32LE(at, 10)
    directory.push(head, common, tail, name)
    at += 4 + common.length + name.length + packed.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(endBytes)
  end.writeUInt32LE(endSignature, 0)
  end.writeUInt16LE(sources.length, 8)
  end.writeUInt16LE(sources.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, list, end])
}

const broken = (what: string, cause?: unknown): UserError =>
  new UserError(
    'JOB_FILE_BROKEN',
    `invalid payload: the job home (ZIP) cannot be used: ${what}`,
    cause === undefined ? {} : {cause},
  )
