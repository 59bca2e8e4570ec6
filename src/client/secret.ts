/** Secrets of settings: where they stand. */
import {readFileSync, statSync} from 'node:fs'
import {messageOf, UserError} from '../base/index.ts'

/**
 * The value of a setting that may be secret: the text itself, or what the environment or a file says.
 *
 * @param text - `env:NAME`, `file:PATH`, or the value
 * @throws UserError BAD_SETTING when it is not there, or the file is open to others
 */
export function secretOf(text: string): string {
  if (text.startsWith('env:')) {
    const name = text.slice('env:'.length)
    const value = process.env[name]
    if (value !== undefined && value !== '') return value
    throw new UserError('BAD_SETTING', `the environment has no ${name}`, {hint: 'set it where this is started'})
  }
  return text.startsWith('file:') ? fileSecret(text.slice('file:'.length)) : text
}

/** Whether the text only says where the secret stands. */
export const isReference = (text: string): boolean => /^(?:env|file):/.test(text)

/** Whether others than the owner may read a file of this mode. Windows has no such modes. */
export const isOpenToOthers = (mode: number): boolean => process.platform !== 'win32' && (mode & 0o077) !== 0

function fileSecret(path: string): string {
  try {
    if (!isOpenToOthers(statSync(path).mode)) return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new UserError('BAD_SETTING', `cannot read the secret in ${path}: ${messageOf(error)}`, {cause: error})
  }
  throw new UserError('BAD_SETTING', `others may read ${path}`, {hint: `close it with: chmod 600 ${path}`})
}
