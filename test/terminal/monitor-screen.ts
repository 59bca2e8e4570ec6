/**
 * A terminal for programs that take the whole screen: two buffers of fixed size, wide characters, and a size that changes
 * when the stream says so (`ESC ] 7777 ; COLUMNS ; ROWS ESC \`, which tests print just before they change it).
 *
 * What it does not know is an error, so that nothing passes unseen.
 */
const wide = /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60]/u
const control = /^\u001b\[([?>]?)([\d;]*)([@-~])/
const sizeChange = /^\u001b\]7777;(\d+);(\d+)\u001b\\/

type Buffer = string[][]

export class MonitorScreen {
  columns: number
  rows: number
  #main: Buffer
  #shown: Buffer
  #row = 0
  #column = 0
  #mainCursor: readonly [number, number] = [0, 0]
  #pending = ''
  isAlternate = false
  isCursorShown = true
  /** Half a frame: a terminal that knows the mode does not show it. */
  isDrawing = false
  /** Times that more than the lines of the program was erased, or the cursor was set to a fixed place. */
  clearCount = 0
  /** Frames that are there in full: the program says where each ends. */
  frameCount = 0
  colorCount = 0

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
    this.#main = blank(columns, rows)
    this.#shown = this.#main
  }

  get lines(): readonly string[] {
    return this.#shown.map(line => line.join('').trimEnd())
  }

  get text(): string {
    return this.lines.join('\n').trimEnd()
  }

  write(text: string): void {
    let rest = this.#pending + text
    this.#pending = ''
    while (rest !== '') {
      const used = rest.startsWith('\u001b') ? this.#escape(rest) : this.#character(rest)
      if (used === 0) {
        this.#pending = rest
        return
      }
      rest = rest.slice(used)
    }
  }

  #escape(rest: string): number {
    const size = sizeChange.exec(rest)
    if (size !== null) {
      this.#resize(Number(size[1]), Number(size[2]))
      return size[0].length
    }
    const match = control.exec(rest)
    if (match === null) {
      if (rest.length > 40) throw new Error(`unknown sequence ${JSON.stringify(rest.slice(0, 20))}`)
      return 0
    }
    const [whole, mark = '', parameters = '', final = ''] = match
    if (mark === '') this.#control(parameters, final)
    else this.#mode(parameters, final === 'h')
    return whole.length
  }

  #mode(name: string, isSet: boolean): void {
    if (name === '25') this.isCursorShown = isSet
    else if (name === '2026') this.#synchronize(isSet)
    else if (name === '1049' && isSet !== this.isAlternate) this.#switch(isSet)
    else if (name !== '1049') throw new Error(`unknown mode ${name}`)
  }

  #synchronize(isDrawing: boolean): void {
    this.isDrawing = isDrawing
    if (!isDrawing) this.frameCount++
  }

  #switch(toAlternate: boolean): void {
    this.isAlternate = toAlternate
    if (toAlternate) {
      this.#mainCursor = [this.#row, this.#column]
      this.#shown = blank(this.columns, this.rows)
      return
    }
    this.#shown = this.#main
    this.#row = Math.min(this.#mainCursor[0], this.rows - 1)
    this.#column = this.#mainCursor[1]
  }

  #control(parameters: string, final: string): void {
    const count = Number(parameters || 1)
    if (final === 'm') this.colorCount++
    else if (final === 'A') this.#row = Math.max(0, this.#row - count)
    else if (final === 'B') this.#row = Math.min(this.rows - 1, this.#row + count)
    else if (final === 'C') this.#column = Math.min(this.columns - 1, this.#column + count)
    else if (final === 'G') this.#column = Math.min(this.columns, count) - 1
    else if (final === 'E') {
      this.#row = Math.min(this.rows - 1, this.#row + count)
      this.#column = 0
    } else if (final === 'K') this.#eraseLine(parameters)
    else if (final === 'J' || final === 'H') this.clearCount++
    else throw new Error(`unknown sequence CSI ${parameters}${final}`)
  }

  #eraseLine(parameters: string): void {
    const from = parameters === '2' || parameters === '1' ? 0 : this.#column
    const to = parameters === '1' ? this.#column + 1 : this.columns
    this.#shown[this.#row]!.fill(' ', from, to)
  }

  #character(rest: string): number {
    const char = String.fromCodePoint(rest.codePointAt(0)!)
    if (char === '\r') this.#column = 0
    else if (char === '\n') this.#lineFeed()
    else if (char < ' ') throw new Error(`unknown control character ${JSON.stringify(char)}`)
    else this.#print(char)
    return char.length
  }

  #print(char: string): void {
    const width = wide.test(char) ? 2 : 1
    if (this.#column + width > this.columns) {
      this.#column = 0
      this.#lineFeed()
    }
    const line = this.#shown[this.#row]!
    line[this.#column] = char
    // The second half of a wide character is no place of its own.
    if (width === 2) line[this.#column + 1] = ''
    this.#column += width
  }

  #lineFeed(): void {
    if (this.#row < this.rows - 1) this.#row++
    else {
      this.#shown.shift()
      this.#shown.push(blank(this.columns, 1)[0]!)
    }
  }

  /** As xterm does: lines are cut, not wrapped; those above go when the cursor would not fit. */
  #resize(columns: number, rows: number): void {
    this.columns = columns
    this.rows = rows
    const above = Math.max(0, this.#row - rows + 1)
    this.#shown = resized(this.#shown.slice(above), columns, rows)
    this.#row -= above
    this.#column = Math.min(this.#column, columns)
    this.#main = this.isAlternate ? resized(this.#main, columns, rows) : this.#shown
  }
}

const blank = (columns: number, rows: number): Buffer =>
  Array.from({length: rows}, () => new Array<string>(columns).fill(' '))

function resized(buffer: Buffer, columns: number, rows: number): Buffer {
  return blank(columns, rows).map((line, row) => line.map((space, column) => buffer[row]?.[column] ?? space))
}
