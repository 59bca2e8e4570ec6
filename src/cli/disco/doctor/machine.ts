/** Looks at this machine: folder, tokens, disk, limits. */
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import {join} from 'node:path'
import {errorCodeOf, formatBytes, messageOf} from '../../../base/index.ts'
import {type HomePaths, readTokens} from '../../../client/index.ts'
import {bad, type Finding, fine, warn} from './finding.ts'

/** Connections, databases, blobs: fewer open files than this are a matter of time. */
const openFilesMin = 4096
/** Free share of a disk. */
const freeShareWarn = 0.1
const freeShareBad = 0.03
/** Median of a write that is on the disk, milliseconds: every change of a tag waits for some. */
const syncMsWarn = 50
const syncCount = 7

/** Of the machine that this runs on, and the home folder on it. Takes as long as a few synced writes. */
export function lookAtMachine(paths: HomePaths): Finding[] {
  return [folderOf(paths), ...tokensOf(paths), diskOf(paths), syncOf(paths), openFiles(), memory()].flat()
}

function folderOf({home}: HomePaths): Finding {
  try {
    const {mode, uid} = statSync(home)
    accessSync(home, constants.W_OK | constants.X_OK)
    if (process.getuid !== undefined && uid !== process.getuid()) {
      return warn('folder', `${home} belongs to another user (${uid})`, 'run this as the user that the cluster runs as')
    }
    // To pass through is what tasks of other users need (--task-user).
    if ((mode & 0o066) !== 0) {
      return bad('folder', `others can look into ${home} (mode ${octal(mode)})`, `chmod 700 ${home}`)
    }
    return fine('folder', home)
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') {
      return warn(
        'folder',
        `there is no ${home}: no cluster was started here`,
        'disco start, or name another with --home',
      )
    }
    return bad(
      'folder',
      `${home} cannot be written: ${messageOf(error)}`,
      'give it to the user that the cluster runs as',
    )
  }
}

function tokensOf(paths: HomePaths): Finding[] {
  let known: ReturnType<typeof readTokens>
  try {
    known = readTokens(paths)
  } catch (error) {
    return [bad('tokens', messageOf(error), `put back a copy of ${paths.tokens}`)]
  }
  if (known === undefined) return []
  const {mode} = statSync(paths.tokens)
  if ((mode & 0o077) !== 0) {
    return [
      bad(
        'tokens',
        `others can read ${paths.tokens} (mode ${octal(mode)})`,
        `chmod 600 ${paths.tokens}, and make new ones: whoever read it has them (docs/security.md)`,
      ),
    ]
  }
  const missing = ['admin', 'write', 'read', 'join'].filter(scope => typeof known[scope] !== 'string')
  if (missing.length > 0) {
    return [bad('tokens', `${paths.tokens} has no token for ${missing.join(', ')}`, 'put back a copy of it')]
  }
  return [fine('tokens', `${paths.tokens}, for its owner alone`)]
}

function diskOf({home}: HomePaths): Finding[] {
  try {
    const {bavail, blocks, bsize, ffree, files} = statfsSync(home)
    const share = bavail / blocks
    const text = `${formatBytes(bavail * bsize)} free of ${formatBytes(blocks * bsize)} at ${home}`
    const advice = 'make room, or move data with: disco node drain'
    if (share < freeShareBad) return [bad('disk', text, advice)]
    if (files > 0 && ffree / files < freeShareBad)
      return [bad('disk', `${ffree} files can still be made at ${home}`, advice)]
    return [share < freeShareWarn ? warn('disk', text, advice) : fine('disk', text)]
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return []
    return [bad('disk', messageOf(error), 'see dmesg')]
  }
}

function syncOf({home}: HomePaths): Finding[] {
  const path = join(home, `doctor.${process.pid}`)
  try {
    const file = openSync(path, 'wx', 0o600)
    const times: number[] = []
    try {
      for (let count = 0; count < syncCount; count++) {
        const startMs = performance.now()
        writeSync(file, 'x'.repeat(4096))
        fsyncSync(file)
        times.push(performance.now() - startMs)
      }
    } finally {
      closeSync(file)
      rmSync(path, {force: true})
    }
    const median = times.sort((a, b) => a - b)[syncCount >> 1] ?? 0
    const text = `a write is on the disk after ${median.toFixed(1)} ms`
    return [
      median > syncMsWarn
        ? warn('disk speed', text, 'every change of a tag waits for this: use a faster disk')
        : fine('disk speed', text),
    ]
  } catch (error) {
    // No folder, or not ours: that was said.
    if (['ENOENT', 'EACCES', 'EPERM'].includes(errorCodeOf(error))) return []
    return [
      bad('disk speed', `nothing can be written: ${messageOf(error)}`, 'make room, or look at the disk with dmesg'),
    ]
  }
}

function openFiles(): Finding[] {
  const soft = Number(/^Max open files\s+(\d+|unlimited)/m.exec(readProc('/proc/self/limits'))?.[1] ?? Number.NaN)
  if (Number.isNaN(soft)) return []
  const text = `${soft} files may be open`
  const advice = 'ulimit -n 65536, or LimitNOFILE=65536 in its unit (disco install-service writes it)'
  return [soft < openFilesMin ? warn('limits', text, advice) : fine('limits', text)]
}

function memory(): Finding[] {
  const bytes = process.constrainedMemory()
  const available = process.availableMemory()
  const text = `${formatBytes(available)} of memory can be had${bytes > 0 && bytes < 2 ** 53 ? ` of ${formatBytes(bytes)}` : ''}`
  return [
    available < 256 * 2 ** 20 ? warn('memory', text, 'end something, or give the machine more') : fine('memory', text),
  ]
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    // Another system: it has no such file.
    if (errorCodeOf(error) === 'ENOENT') return ''
    throw error
  }
}

const octal = (mode: number): string => (mode & 0o777).toString(8)
