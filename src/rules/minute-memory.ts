/**
 * Tells timestamps of one minute without reading them: ISO texts that differ in seconds and digits of their fraction only. In logs most
 * are like the one before, and comparing is a fourth of the work.
 */
export class MinuteMemory {
  /** Up to the minute; empty: nothing is remembered. */
  #head = ''
  #length = 0
  /** Where the fraction begins or the zone, and where the zone does. */
  #fractionAt = 0
  #zoneAt = 0
  #zone = ''

  /** Remembers a text whose time is known. Others are forgotten. */
  remember(text: string): void {
    const found = isoSeconds.exec(text)
    this.#head = found === null ? '' : found[1]!
    if (found === null) return
    this.#length = text.length
    this.#zone = found[3]!
    this.#zoneAt = text.length - this.#zone.length
    this.#fractionAt = found[2] === undefined ? this.#zoneAt : secondsEnd + 1
  }

  forget(): void {
    this.#head = ''
  }

  /** Whether it is certain that the text is a time of the same minute as the one remembered. */
  isSame(text: string): boolean {
    if (this.#head === '' || text.length !== this.#length || !text.startsWith(this.#head)) return false
    const tens = text.charCodeAt(secondsAt)
    // Second 60 is read as one of the minute before.
    if (tens > 0x35 || tens < 0x30 || !isDigit(text.charCodeAt(secondsAt + 1))) return false
    if (this.#fractionAt > secondsEnd && text.charCodeAt(secondsEnd) !== 0x2e) return false
    for (let at = this.#fractionAt; at < this.#zoneAt; at++) if (!isDigit(text.charCodeAt(at))) return false
    return this.#zone === '' || text.endsWith(this.#zone)
  }
}

const isoSeconds = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:)[0-5]\d(\.\d+)?(Z|[+-]\d\d:?\d\d|)$/
/** Where the seconds stand, and what is behind them. */
const secondsAt = 17
const secondsEnd = 19

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
