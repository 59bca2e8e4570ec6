/**
 * Which file is which.
 *
 * A name says little (rotation renames), an inode is used again, and a copy has another inode. So a file is its inode as
 * long as its begin and the bytes before the pushed position are what they were; and what continues it elsewhere has the
 * same bytes at the same positions of its text, and a name that rotation could have made of it.
 */
import {createHash} from 'node:crypto'
import {dirname, join} from 'node:path/posix'
import type {LedgerFile} from '../../storage/index.ts'
import type {Probe} from './events.ts'
import {headBytesMax} from './limits.ts'

/** 128 bits of SHA-256, in hexadecimal. */
export const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32)

/** Whether what was looked at is the text of this row, pushed up to its offset. @param probe - with a window at `row.offset` */
export function isSameText(row: LedgerFile, probe: Probe): boolean {
  const window = probe.windows.get(row.offset)
  return window !== undefined && hasSameHead(row, probe) && digest(window) === row.tailHash
}

/** Whether the file begins as the row's file did. Of two files with the same first lines that says little. */
export function hasSameHead(row: LedgerFile, probe: Probe): boolean {
  return probe.head.length >= row.headBytes && digest(probe.head.subarray(0, row.headBytes)) === row.headHash
}

/**
 * Whether all of `copy` is the begin of `original`, as far as its first and its last bytes tell.
 *
 * @param original - with a window where `copy` ends
 */
export function isBeginOf(copy: Probe, original: Probe): boolean {
  const end = original.windows.get(copy.textBytes)
  const length = Math.min(copy.head.length, original.head.length)
  return (
    end !== undefined &&
    Buffer.compare(copy.head.subarray(0, length), original.head.subarray(0, length)) === 0 &&
    Buffer.compare(copy.end, end) === 0
  )
}

/** Head of a row for a text that was looked at. */
export function headOf(head: Uint8Array): Pick<LedgerFile, 'headBytes' | 'headHash'> {
  const bytes = head.subarray(0, headBytesMax)
  return {headBytes: bytes.length, headHash: digest(bytes)}
}

const compressed = /\.(?:gz|zst)$/
/** `.1`, `-20261123`, `.2026-11-23-14`. */
const numberBehind = /[._-]\d[\d._:T-]*$/
/** A date before the extension: `app-2026-11-23.log`. */
const dateInside = /[._-]\d{4}[._-]?\d{2}[._-]?\d{2}[\d._:T-]*(?=\.[A-Za-z]+$)/

/** What rotation leaves of a path: `logs/access.log.2.gz` and `logs/access.log-20261123` are both `logs/access.log`. */
export function rotationBase(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(compressed, '')
  const base = name.replace(numberBehind, '').replace(dateInside, '')
  return join(dirname(path), base === '' ? name : base)
}
