/** The grammar of every name that crosses a process or becomes part of a path. */
import {UserError} from '../base/index.ts'
import {blobNameLengthMax, tagNameLengthMax} from './limits.ts'

/** Name of a node in its cluster: as a host name's label, so that it is safe in URLs, paths and shells. */
export type NodeName = string
/** Name of a tag: `incoming:web1:chunk:clicks:2026-11-23`. */
export type TagName = string
/** A blob is named by what it holds: the SHA-256 of its bytes, 64 lower-case hexadecimal digits. */
export type BlobId = string

const tagNamePattern = new RegExp(`^[A-Za-z0-9_\\-@:]{1,${tagNameLengthMax}}$`)
const nodeNamePattern = /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/
const blobNamePattern = new RegExp(`^[A-Za-z0-9_\\-@:.]{1,${blobNameLengthMax}}$`)
const blobIdPattern = /^[0-9a-f]{64}$/

export const isTagName = (text: string): boolean => tagNamePattern.test(text)
export const isNodeName = (text: string): boolean => nodeNamePattern.test(text) && !text.includes('..')
export const isBlobName = (text: string): boolean => blobNamePattern.test(text)
export const isBlobId = (text: string): boolean => blobIdPattern.test(text)

/** @throws UserError BAD_NAME when `text` is not a tag's name */
export function parseTagName(text: string): TagName {
  if (isTagName(text)) return text
  throw new UserError('BAD_NAME', `"${printable(text)}" cannot be the name of a tag`, {
    hint: `names have 1 to ${tagNameLengthMax} of A-Z a-z 0-9 _ - @ :`,
    exitCode: 2,
  })
}

/** @throws UserError BAD_NAME when `text` is not a node's name */
export function parseNodeName(text: string): NodeName {
  if (isNodeName(text)) return text
  throw new UserError('BAD_NAME', `"${printable(text)}" cannot be the name of a node`, {
    hint: 'names have 1 to 63 of a-z 0-9 . - and begin and end with a letter or digit',
    exitCode: 2,
  })
}

/** A file's name as the name of a blob: what is not allowed becomes `_`, the end of a long name wins. Never empty. */
export function blobNameOf(fileName: string): string {
  const safe = fileName.replace(/[^A-Za-z0-9_\-@:.]/g, '_').slice(-blobNameLengthMax)
  return safe === '' ? '_' : safe
}

/** Text of strangers in a message: short, and no control character reaches the terminal. */
function printable(text: string): string {
  const clean = text.replace(/[^\x20-\x7e]/g, '?')
  return clean.length > 60 ? `${clean.slice(0, 57)}...` : clean
}
