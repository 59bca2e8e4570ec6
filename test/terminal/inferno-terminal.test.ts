import {execFileSync} from 'node:child_process'
import {rmSync} from 'node:fs'
import {type FileHandle, open} from 'node:fs/promises'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {Project} from '../cli/inferno-project.ts'
import {missing, openTerminal, type Terminal, type TerminalOptions} from './pseudo-terminal.ts'

if (missing !== undefined) console.warn(`terminal tests are skipped: ${missing}`)

describe.skipIf(missing !== undefined)('on a terminal', () => {
  let project: Project
  let terminal: Terminal | undefined
  /** An input that ends when a test says so: a run over it is as long as the test needs. */
  let input: FileHandle | undefined

  /** Starts a line in a terminal. */
  function start(line: string, options: TerminalOptions = {}): Terminal {
    terminal = openTerminal(project, line, options)
    return terminal
  }

  /** Writes to the named pipe; the first time waits until the program reads it. */
  async function feed(text: string): Promise<void> {
    input ??= await open(project.path('fifo'), 'w')
    await input.write(text)
  }

  async function endInput(): Promise<void> {
    await input?.close()
    input = undefined
  }

  beforeAll(() => {
    project = new Project()
    project.write('few.ndjson', '{"a":"x","n":1234}\n{"a":"y","n":0.5}\n{"a":"x","n":1}\nbad{\n')
    project.write('evil.ndjson', '{"a":"\\u001b[31mred\\u0007\\u009b2J"}\n\u001b]0;evil\u0007{\n')
  })
  beforeEach(() => {
    execFileSync('mkfifo', [project.path('fifo')])
  })
  afterEach(async () => {
    await endInput()
    await terminal?.close()
    rmSync(project.path('fifo'))
    expect(project.leftovers()).toEqual([])
  })
  afterAll(() => project.close())

  const query = 'inferno query -k a -v count,n --from json'

  test('progress appears, goes, and the table and the account stay', async () => {
    const terminal = start(`${query} fifo`)
    await feed('{"a":"x","n":1}\n'.repeat(1000))
    await terminal.until(({text}) => /reading/.test(text) && /16 kB/.test(text))
    expect(terminal.screen.isCursorShown).toBe(false)
    await feed('{"a":"y","n":2}\n{"a": bad\n')
    await endInput()
    expect(await terminal.exitCode).toBe(0)

    const {screen} = terminal
    expect(screen.lines.slice(0, 7)).toEqual([
      '2 rows',
      '┌───┬───────┬───────┐',
      '│ a │ count │     n │',
      '├───┼───────┼───────┤',
      '│ x │ 1,000 │ 1,000 │',
      '│ y │     1 │     2 │',
      '└───┴───────┴───────┘',
    ])
    expect(screen.lines[7]).toMatch(/^in 1,002 = used 1,001 \+ filtered 0 \+ bad 1 · /)
    expect(screen.text).not.toMatch(/reading|merging|█|░/)
    expect([screen.isCleared, screen.isCursorShown]).toEqual([false, true])
  })

  test('Ctrl-C takes the progress away and gives the cursor back', async () => {
    // The pipe stays open: a run must not wait for its next record before it stops.
    const terminal = start(`echo before; cat fifo | ${query} -`)
    await feed('{"a":"x","n":1}\n'.repeat(1000))
    await terminal.until(({text}) => /reading/.test(text))
    terminal.type('\u0003')
    expect(await terminal.exitCode).toBe(130)
    const {screen} = terminal
    expect(screen.lines[0]).toBe('before')
    expect(screen.lines.at(-1)).toBe('interrupted; nothing was written')
    expect(screen.text).not.toMatch(/reading|█|░/)
    expect([screen.isCleared, screen.isCursorShown]).toEqual([false, true])
  })

  test('a screen that shrinks keeps the progress inside', async () => {
    const terminal = start(
      `(until [ -e shrink ]; do sleep 0.05; done; stty cols 50 rows 10; touch shrunk) & ${query} fifo`,
    )
    await feed('{"a":"x","n":1}\n'.repeat(1000))
    await terminal.until(({text}) => /reading/.test(text))
    project.write('shrink', '')
    while (!project.has('shrunk')) await new Promise(resolve => setTimeout(resolve, 10))
    const before = terminal.bytes().length
    await feed('{"a":"y","n":1}\n'.repeat(1000))
    await terminal.until(() => /32 kB/.test(terminal.bytes().slice(before)))
    const frame = terminal.bytes().slice(terminal.bytes().lastIndexOf('\u001b[?2026h'))
    for (const line of frame.replaceAll(/\u001b\[[?\d;]*[A-Za-z]/g, '').split('\n'))
      expect(line.trimEnd().length).toBeLessThanOrEqual(50)
    await endInput()
    expect(await terminal.exitCode).toBe(0)
    expect(terminal.screen.text).toContain('│ y │ 1,000 │ 1,000 │')
    expect(terminal.screen.isCursorShown).toBe(true)
  })

  test('a small one gets a table that fits, and is told what does not', async () => {
    const terminal = start(`${query} few.ndjson`, {columns: 20, rows: 5})
    expect(await terminal.exitCode).toBe(0)
    const table = terminal
      .bytes()
      .split('\r\n')
      .filter(line => /^[┌│├└]/.test(line))
    expect(table.length).toBeGreaterThan(3)
    for (const line of table) expect(line.length).toBeLessThanOrEqual(20)
    expect(terminal.bytes()).toMatch(/too narrow: n/)
  })

  test.each([{NO_COLOR: '1'}, {TERM: 'dumb'}, {CI: '1'}])('with %j nothing is drawn or coloured', async env => {
    const terminal = start(`${query} fifo`, {env})
    await feed('{"a":"x","n":1}\n')
    await endInput()
    expect(await terminal.exitCode).toBe(0)
    expect(terminal.bytes()).not.toContain('\u001b')
    expect(terminal.screen.text).toContain('│ x │     1 │ 1 │')
  })

  test.each(['table', 'csv', 'json', 'ndjson'])(
    'control characters of the data come out as %s only as escapes',
    async format => {
      const terminal = start(`inferno query -k a --format ${format} evil.ndjson`)
      expect(await terminal.exitCode).toBe(0)
      expect(terminal.bytes()).not.toMatch(/[\u0007\u009b]|\u001b[[\]]/)
      expect(terminal.bytes()).toContain('\\u001b[31mred')
    },
  )

  test.each(['query -k a --json', 'infer', 'run rule.ts --json -i', 'trace rule.ts -i'])(
    'and not raw from inferno %s either',
    async command => {
      project.write(
        'rule.ts',
        "import {defineRule} from 'disco-inferno'\nexport default defineRule({name: 'r', keyParts: ['a']})\n",
      )
      const terminal = start(`inferno ${command} evil.ndjson`)
      expect(await terminal.exitCode).toBe(0)
      expect(terminal.bytes()).not.toMatch(/[\u0007\u009b]|\u001b/)
    },
  )

  test('rows into a pipe are CSV, with the progress still on the terminal', async () => {
    const terminal = start(`${query} fifo > rows.csv`)
    await feed('{"a":"x","n":1}\n')
    await terminal.until(({text}) => /reading/.test(text))
    await endInput()
    expect(await terminal.exitCode).toBe(0)
    expect(project.read('rows.csv')).toBe('a,count,n\nx,1,1\n')
    expect(terminal.screen.text).toMatch(/^in 1 = used 1 /)
  })

  test('errors are sentences, and a run without input asks for one instead of waiting', async () => {
    const terminal = start('inferno query -k a')
    expect(await terminal.exitCode).toBe(2)
    expect(terminal.screen.lines).toEqual(['Error: there is no input', 'Hint: name files, or pipe them in'])
  })

  test('help fits it', async () => {
    const terminal = start('inferno run --help', {columns: 60})
    expect(await terminal.exitCode).toBe(0)
    for (const line of terminal.screen.lines) expect(line.length).toBeLessThanOrEqual(60)
  })
})
