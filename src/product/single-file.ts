/**
 * The one executable: Node, our code and the files that it needs, in a single file. This module alone knows of it; for all
 * others a part of the program is where it says.
 */
import {createHash} from 'node:crypto'
import {chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {zstdDecompressSync} from 'node:zlib'
import {assert, messageOf, UserError} from '../base/index.ts'

/** Asked for where it is needed: loading it takes time. */
const sea = (): typeof import('node:sea') => process.getBuiltinModule('node:sea')

/** True in the one executable, false in a checkout and in an installed package. */
export const isSingleFile = (): boolean => sea().isSea()

/** An embedded file that is not packed: code. @param name - as the build named it */
export const embeddedFile = (name: string): Buffer => Buffer.from(sea().getRawAsset(name))

/**
 * A file or folder of the executable, written out: what the system itself must open, and what is copied from.
 *
 * Kept in the user's cache under a name made from its content, so it is written once; several processes may do so at once.
 *
 * @param name - name of the asset
 * @param write - writes the unpacked asset to a path that does not exist yet
 * @throws UserError CANNOT_START when there is no folder that can be written to
 */
export function extracted(name: string, write: (content: Buffer, path: string) => void): string {
  const packed = new Uint8Array(sea().getRawAsset(`${name}.zst`))
  const version = createHash('sha256').update(packed).digest('hex').slice(0, 16)
  const problems: string[] = []
  for (const folder of cacheFolders()) {
    const path = join(folder, `${version}-${name}`)
    const scratch = `${path}.${process.pid}.part`
    try {
      mkdirSync(folder, {recursive: true, mode: 0o700})
      checkOwner(folder)
      if (existsSync(path)) return path
      write(zstdDecompressSync(packed), scratch)
      renameSync(scratch, path)
      return path
    } catch (error) {
      problems.push(messageOf(error), ...remove(scratch))
      // Another process was faster: a folder cannot be renamed onto one that is there.
      if (existsSync(path)) return path
    }
  }
  throw new UserError('CANNOT_START', `a part of the program (${name}) cannot be unpacked: ${problems.join('; ')}`, {
    hint: 'set XDG_CACHE_HOME or TMPDIR to a folder that can be written to',
  })
}

/** @returns what was in the way: in a folder of somebody else nobody may even look whether there is something to remove */
function remove(path: string): string[] {
  try {
    rmSync(path, {recursive: true, force: true})
    return []
  } catch (error) {
    return [messageOf(error)]
  }
}

/** Where unpacked parts may be kept, best first. The last is among everybody's temporary files. */
function cacheFolders(): string[] {
  const {XDG_CACHE_HOME, HOME} = process.env
  const user = process.getuid?.() ?? 'user'
  return [
    ...(XDG_CACHE_HOME ? [join(XDG_CACHE_HOME, 'disco-inferno', 'parts')] : []),
    ...(HOME ? [join(HOME, '.cache', 'disco-inferno', 'parts')] : []),
    join(tmpdir(), `disco-inferno-${user}`),
  ]
}

/** Code is loaded from there: a folder that somebody else made or can write to would let them say what we run. */
function checkOwner(folder: string): void {
  const {uid, mode} = statSync(folder)
  const isOurs = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
  if (!isOurs) throw new Error(`${folder} belongs to somebody else, or others can write to it`)
}

/** Writes a file that is whole when it has its name. */
export function writePart(content: Buffer, path: string): void {
  writeFileSync(path, content, {mode: 0o600, flush: true})
}

/**
 * Writes a folder: `u32 bytes of the head (little-endian), head = JSON [[path, bytes, isExecutable], …], contents`.
 */
export function writeFolder(content: Buffer, folder: string): void {
  const headBytes = content.readUInt32LE(0)
  const entries = JSON.parse(content.toString('utf8', 4, 4 + headBytes)) as [string, number, boolean][]
  let at = 4 + headBytes
  for (const [name, bytes, isExecutable] of entries) {
    const path = join(folder, name)
    mkdirSync(dirname(path), {recursive: true, mode: 0o700})
    writeFileSync(path, content.subarray(at, at + bytes))
    if (isExecutable) chmodSync(path, 0o755)
    at += bytes
  }
  assert(at === content.length, 'a packed folder is as long as its head says')
}
