/** Secrets: that they stand nowhere but where they are. */

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
