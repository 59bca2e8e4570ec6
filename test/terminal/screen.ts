/** A terminal screen, as far as programs that draw in place need one: bytes in, lines of text out. */

/** Control sequences are told apart by their last character; parameters and private marks stand before it. */
const controlSequence = /^\u001b\[([?>=]?)([\d;]*)([@-~])/

export class Screen {
  readonly columns: number
  readonly rows: number
  /** Every line since the start: those above the screen cannot be reached any more. */
  #lines: string[][] = [[]]
  #row = 0
  #column = 0
  #pending = ''
  isCursorShown = true
  /** The whole screen or the scrollback was cleared, or another screen taken: what stood there is lost to the person. */
  isCleared = false
  /** Colours that were set, as their parameters. */
  readonly colors = new Set<string>()

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  /** All lines, without trailing blanks and empty lines at the end. */
  get lines(): readonly string[] {
    const lines = this.#lines.map(line =>
      Array.from(line, char => char ?? ' ')
        .join('')
        .trimEnd(),
    )
    while (lines.at(-1) === '') lines.pop()
    return lines
  }

  get text(): string {
    return this.lines.join('\n')
  }

  write(text: string): void {
    let rest = this.#pending + text
    this.#pending = ''
    while (rest !== '') {
      const used = rest.startsWith('\u001b') ? this.#sequence(rest) : this.#character(rest)
      if (used === 0) {
        this.#pending = rest
        return
      }
      rest = rest.slice(used)
    }
  }

  #character(text: string): number {
    const char = String.fromCodePoint(text.codePointAt(0)!)
    if (char === '\r') this.#column = 0
    else if (char === '\n') this.#moveTo(this.#row + 1)
    else if (char === '\b') this.#column = Math.max(0, this.#column - 1)
    else if (char < ' ') throw new Error(`the screen does not know the control character ${JSON.stringify(char)}`)
    else {
      if (this.#column === this.columns) {
        this.#column = 0
        this.#moveTo(this.#row + 1)
      }
      this.#lines[this.#row]![this.#column++] = char
    }
    return char.length
  }

  #moveTo(row: number): void {
    const top = Math.max(0, this.#lines.length - this.rows)
    this.#row = Math.max(top, row)
    while (this.#lines.length <= this.#row) this.#lines.push([])
  }

  /** @returns characters used; 0 when the sequence is not complete yet */
  #sequence(text: string): number {
    const match = controlSequence.exec(text)
    if (!match) {
      if (text.startsWith('\u001bc')) this.isCleared = true
      if (/^\u001b(\[[?>=]?[\d;]*)?$/.test(text)) return 0
      return 2
    }
    const [whole, mark = '', parameters = '', final = ''] = match
    if (mark === '') this.#control(final, parameters)
    else if (parameters === '25') this.isCursorShown = final === 'h'
    else if (parameters === '1049' && final === 'h') this.isCleared = true
    return whole.length
  }

  #control(final: string, parameters: string): void {
    const count = Number(parameters || 1)
    if (final === 'A') this.#moveTo(this.#row - count)
    else if (final === 'B') this.#moveTo(this.#row + count)
    else if (final === 'C') this.#column += count
    else if (final === 'D') this.#column = Math.max(0, this.#column - count)
    else if (final === 'G') this.#column = count - 1
    else if (final === 'E') {
      this.#moveTo(this.#row + count)
      this.#column = 0
    } else if (final === 'F') {
      this.#moveTo(this.#row - count)
      this.#column = 0
    } else if (final === 'K') this.#eraseLine(parameters)
    else if (final === 'J') this.#eraseBelow(parameters)
    else if (final === 'H') this.isCleared = true
    else if (final === 'm') this.colors.add(parameters)
    else throw new Error(`the screen does not know the sequence CSI ${parameters}${final}`)
  }

  #eraseLine(parameters: string): void {
    const line = this.#lines[this.#row]!
    if (parameters === '2') line.length = 0
    else if (parameters === '1') line.fill(' ', 0, this.#column + 1)
    else line.length = Math.min(line.length, this.#column)
  }

  #eraseBelow(parameters: string): void {
    if (parameters !== '' && parameters !== '0') this.isCleared = true
    this.#eraseLine('')
    for (let row = this.#row + 1; row < this.#lines.length; row++) this.#lines[row] = []
  }
}
