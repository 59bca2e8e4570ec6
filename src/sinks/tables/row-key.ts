/** What stands for the key of a row in an index: databases limit the length of what they index, and of nothing there are many. */
import {createHash} from 'node:crypto'

/** Characters: 192 bits of SHA-256, so that nobody makes two keys of one by choice. */
export const rowKeyChars = 32

/** Case matters; letters, digits, `-` and `_`. */
export function rowKey(key: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('base64url').slice(0, rowKeyChars)
}
