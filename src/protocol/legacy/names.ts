/**
 * Disco's names of versions, objects and folders.
 *
 *     stamp    586-64640-1e240               megaseconds, seconds, microseconds in hexadecimal; a zero is written `00`
 *     object   data:log-0$586-64640-1e240    NAME$STAMP: a blob, or one version of a tag
 *     folder   15                            first byte of the MD5 of the object's or job's name
 */
import {createHash} from 'node:crypto'
import {isTagName} from '../names.ts'

/** Prefix of a blob's name; a longer one is replaced by its MD5. Characters. */
export const blobPrefixLengthMax = 200

const stampPattern = /^[0-9a-f]{1,12}-[0-9a-f]{1,12}-[0-9a-f]{1,12}$/

/** @param microseconds - since 1970 */
export function objectStamp(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1e6)
  return [Math.floor(seconds / 1e6), seconds % 1e6, Math.floor(microseconds % 1e6)]
    .map(part => (part === 0 ? '00' : part.toString(16)))
    .join('-')
}

export const isObjectStamp = (text: string): boolean => stampPattern.test(text)

export interface ObjectName {
  readonly name: string
  readonly stamp: string
}

/** @returns undefined for what is not exactly a legal name, `$` and a stamp */
export function parseObjectName(text: string): ObjectName | undefined {
  const at = text.indexOf('$')
  const name = text.slice(0, Math.max(at, 0))
  const stamp = text.slice(at + 1)
  return at > 0 && isTagName(name) && isObjectStamp(stamp) ? {name, stamp} : undefined
}

export const objectName = ({name, stamp}: ObjectName): string => `${name}$${stamp}`

/** Folder of an object (its whole name) or of a job. */
export const hashFolder = (text: string): string => createHash('md5').update(text).digest('hex').slice(0, 2)

/** What new_blob makes of the prefix it is given. */
export const blobPrefix = (prefix: string): string =>
  prefix.length > blobPrefixLengthMax ? createHash('md5').update(prefix).digest('hex') : prefix
