/** Secrets: where they stand, and that they stand nowhere else. */
import {readFileSync, statSync} from 'node:fs'
import {messageOf, UserError} from '../../base/index.ts'

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
    throw new UserError('BAD_SETTING', `the environment has no ${name}`, {hint: 'set it where the daemon is started'})
  }
  return text.startsWith('file:') ? fileSecret(text.slice('file:'.length)) : text
}

function fileSecret(path: string): string {
  try {
    const {mode} = statSync(path)
    if ((mode & 0o077) === 0) return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new UserError('BAD_SETTING', `cannot read the secret in ${path}: ${messageOf(error)}`, {cause: error})
  }
  throw new UserError('BAD_SETTING', `others may read ${path}`, {hint: `close it with: chmod 600 ${path}`})
}

/** Takes secrets out of texts that are logged or sent. */
export class Redactor {
  readonly #secrets = new Set<string>()

  /** Remembers a secret, and the password and the path of one that is an address. */
  add(secret: string): void {
    this.#remember(secret)
    if (!URL.canParse(secret)) return
    const {password, username, pathname, search} = new URL(secret)
    for (const part of [password, decodeURIComponent(password), username, pathname, pathname + search]) {
      this.#remember(part)
    }
  }

  redact(text: string): string {
    let redacted = text
    // Long ones first: a short one may be part of them.
    for (const secret of [...this.#secrets].sort((a, b) => b.length - a.length)) {
      redacted = redacted.replaceAll(secret, '(hidden)')
    }
    return redacted
  }

  #remember(secret: string): void {
    if (secret.length >= secretCharsMin) this.#secrets.add(secret)
  }
}

/** Shorter texts stand in other words by accident. */
const secretCharsMin = 5
