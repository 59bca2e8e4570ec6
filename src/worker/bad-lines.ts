/** Bad lines of one scanner on their way to `--bad-out`: a file for each part that has any, where `PartAccounts` reads them. */
import {appendFileSync} from 'node:fs'
import {join} from 'node:path'
import {badCharsBuffered} from './limits.ts'
import {spillError} from './run-files.ts'

/** Written a buffer at a time: bad lines can be as many as the lines of the input. */
export class BadLines {
  readonly #scanner: number
  #folder: string
  #fileCount = 0
  #file: string | null = null
  #waiting: string[] = []
  #waitingChars = 0

  /**
   * @param folder - of the run
   * @param scanner - its number: scanners share the folder
   */
  constructor(folder: string, scanner: number) {
    this.#folder = folder
    this.#scanner = scanner
  }

  /** @param line - counted from the beginning of the part @throws UserError when the folder takes no more */
  keep(line: number, reason: string, text: string, detail: string | undefined): void {
    const kept = `${JSON.stringify({line, reason, detail, text})}\n`
    this.#waiting.push(kept)
    this.#waitingChars += kept.length
    if (this.#waitingChars >= badCharsBuffered) this.#flush()
  }

  /** The file of a part that ends now; null: it had none. What comes from now on belongs to the next. @throws as `keep` */
  endPart(): string | null {
    this.#flush()
    const file = this.#file
    this.#file = null
    return file
  }

  /** From now on files are made there. Between two parts. */
  moveTo(folder: string): void {
    this.#folder = folder
  }

  #flush(): void {
    if (this.#waiting.length === 0) return
    this.#file ??= join(this.#folder, `bad-${this.#scanner}-${this.#fileCount++}`)
    try {
      appendFileSync(this.#file, this.#waiting.join(''), {mode: 0o600})
    } catch (error) {
      throw spillError(this.#file, error)
    }
    this.#waiting = []
    this.#waitingChars = 0
  }
}
