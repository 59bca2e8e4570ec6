import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {Project} from '../cli/inferno-project.ts'
import {MonitorScreen} from './monitor-screen.ts'
import {missing, openTerminal, type Terminal, type TerminalOptions} from './pseudo-terminal.ts'

if (missing !== undefined) console.warn(`terminal tests are skipped: ${missing}`)

const program = join(import.meta.dirname, 'monitor-program.ts')

/** The monitor in a terminal, with a cluster that a script plays, and the screen that its bytes make. */
class Watched {
  readonly terminal: Terminal
  readonly #screen: MonitorScreen
  #readLength = 0

  constructor(terminal: Terminal, columns: number, rows: number) {
    this.terminal = terminal
    this.#screen = new MonitorScreen(columns, rows)
  }

  get screen(): MonitorScreen {
    const bytes = this.terminal.bytes()
    this.#screen.write(bytes.slice(this.#readLength))
    this.#readLength = bytes.length
    return this.#screen
  }

  until(wanted: RegExp | ((screen: MonitorScreen) => boolean)): Promise<void> {
    return this.terminal.until(() => {
      const {screen} = this
      if (screen.isDrawing) return false
      return wanted instanceof RegExp ? wanted.test(screen.text) : wanted(screen)
    })
  }

  async press(keys: string, wanted: RegExp | ((screen: MonitorScreen) => boolean)): Promise<void> {
    this.terminal.type(keys)
    await this.until(wanted)
  }

  /** Everything drawn again must be what is there: nothing was left over, nothing is missing. */
  async expectNoLeftovers(): Promise<void> {
    const before = this.screen.text
    const frames = this.screen.frameCount
    let redrawn = ''
    this.terminal.type('\u000c')
    // Looked at between two frames: the bytes of a later one may be there in part.
    await this.until(screen => {
      redrawn = screen.text
      return screen.frameCount > frames
    })
    expect(redrawn).toBe(before)
  }
}

describe.skipIf(missing !== undefined)('the monitor on a terminal', () => {
  let project: Project
  let terminal: Terminal | undefined

  beforeAll(() => {
    project = new Project()
  })
  afterEach(async () => {
    await terminal?.close()
    expect(project.leftovers()).toEqual([])
  })
  afterAll(() => project.close())

  const command = (fake: object): string => `"$node" ${program} '${JSON.stringify({lastStep: 2, ...fake})}'`

  function start(line: string, options: TerminalOptions = {}): Watched {
    terminal = openTerminal(project, line, options)
    return new Watched(terminal, options.columns ?? 80, options.rows ?? 24)
  }

  test('takes the alternate screen, and q gives everything back', async () => {
    const watched = start(
      `echo before; stty -a > modes; ${command({})}; echo "status $?"; stty -a | cmp - modes && echo same`,
    )
    await watched.until(/wordcount/)
    expect([watched.screen.isAlternate, watched.screen.isCursorShown]).toEqual([true, false])
    expect(watched.screen.lines).toHaveLength(24)
    watched.terminal.type('q')
    expect(await watched.terminal.exitCode).toBe(0)
    expect([watched.screen.isAlternate, watched.screen.isCursorShown]).toEqual([false, true])
    expect(watched.screen.text).toBe('before\nended by quit\nstatus 0\nsame')
    expect(watched.screen.clearCount).toBe(0)
  })

  test('Ctrl-C ends it with 0', async () => {
    const watched = start(`${command({})}; echo "status $?"`)
    await watched.press('', /wordcount/)
    watched.terminal.type('\u0003')
    expect(await watched.terminal.exitCode).toBe(0)
    expect(watched.screen.text).toBe('ended by quit\nstatus 0')
    expect([watched.screen.isAlternate, watched.screen.isCursorShown]).toEqual([false, true])
  })

  test('SIGTERM gives the terminal back', async () => {
    const killing = '(until [ -e end ]; do sleep 0.05; done; kill $(cat pid)) &'
    const run = `sh -c 'echo $$ > pid; exec "$@"' sh ${command({})}`
    const watched = start(`stty -a > modes\n${killing}\n${run}; echo "status $?"; stty -a | cmp - modes && echo same`)
    await watched.until(/wordcount/)
    project.write('end', '')
    expect(await watched.terminal.exitCode).toBe(0)
    expect(watched.screen.text).toBe('ended by signal\nstatus 143\nsame')
    expect([watched.screen.isAlternate, watched.screen.isCursorShown]).toEqual([false, true])
  })

  test('a bug gives the terminal back before its stack is printed', async () => {
    const watched = start(
      `stty -a > modes; ${command({throwsAfterMs: 1500})}; echo "status $?"; stty -a | cmp - modes && echo same`,
    )
    await watched.until(/wordcount/)
    expect(await watched.terminal.exitCode).toBe(0)
    expect(watched.screen.text).toContain('Error: a bug of ours')
    expect(watched.screen.text).toMatch(/status 1\nsame$/)
    expect([watched.screen.isAlternate, watched.screen.isCursorShown]).toEqual([false, true])
  })

  test('keys lead through all screens, and no frame leaves anything behind', async () => {
    const watched = start(command({jobCount: 40, taskCount: 5000}))
    await watched.until(/32\/5,000/)
    await watched.expectNoLeftovers()
    await watched.press('?', /move the cursor/)
    await watched.expectNoLeftovers()
    await watched.press('q', /jobs 40/)
    await watched.press('/join', /jobs 8 of 40/)
    await watched.expectNoLeftovers()
    await watched.press('\u001b', /jobs 40/)
    await watched.press('g\r', /tasks 5,000/)
    await watched.press('3', /3:failed 2\]/)
    await watched.expectNoLeftovers()
    await watched.press('\r', /at map \(wordcount\.ts:14:22\)/)
    await watched.expectNoLeftovers()
    await watched.press('\u001b', /tasks 2/)
    await watched.press('1G', /4,99\d-5,000/)
    await watched.press('\u001b', /jobs 40/)
    await watched.press('\t\r', /running here/)
    await watched.press('\u001b', /jobs 40/)
    await watched.expectNoLeftovers()
    expect(watched.screen.clearCount).toBe(0)
    watched.terminal.type('q')
    expect(await watched.terminal.exitCode).toBe(0)
  })

  test('a job is killed only after a yes', async () => {
    const watched = start(command({}))
    await watched.until(/wordcount/)
    await watched.press('K', /kill wordcount@5f2:ab3:91c\?.* {2}y: kill {2}n: no/)
    await watched.press('n', /wordcount@5f2:ab3:91c was not killed/)
    await watched.press('xy', /wordcount@5f2:ab3:91c is killed/)
    await watched.press('jp', /join@4a1 goes on/)
    watched.terminal.type('q')
    expect(await watched.terminal.exitCode).toBe(0)
  })

  test('a terminal that shrinks and grows has no garbage, wherever it is', async () => {
    const resize = (name: string, columns: number, rows: number): string =>
      `(until [ -e ${name} ]; do sleep 0.02; done; printf '\\033]7777;${columns};${rows}\\033\\\\' > $T; stty -F $T cols ${columns} rows ${rows}) &`
    const watched = start(
      `T=$(tty)\n${resize('small', 50, 12)}\n${resize('large', 120, 40)}\n${resize('tiny', 30, 5)}\n${command({})}`,
    )
    await watched.until(/32\/80/)
    for (const [name, columns, rows, wanted] of [
      ['small', 50, 12, /━━ jobs 6 ━+$/m],
      ['large', 120, 40, /OWNER|BYTES\/S/],
      ['tiny', 30, 5, /^30x5 is too small/],
    ] as const) {
      project.write(name, '')
      await watched.until(screen => screen.columns === columns && screen.rows === rows && wanted.test(screen.text))
      await watched.expectNoLeftovers()
    }
    watched.terminal.type('q')
    expect(await watched.terminal.exitCode).toBe(0)
  })

  test('ten frames a second at most, however much happens', async () => {
    const watched = start(command({taskCount: 1000, lastStep: 100_000, pollMs: 1}))
    await watched.until(/wordcount/)
    const startedMs = performance.now()
    const before = watched.screen.frameCount
    // Keys come faster than frames, too.
    for (let press = 0; press < 40; press++) {
      terminal!.type(press % 2 === 0 ? 'j' : 'k')
      await new Promise(resolve => setTimeout(resolve, 40))
    }
    const frames = watched.screen.frameCount - before
    const seconds = (performance.now() - startedMs) / 1000
    expect(frames).toBeGreaterThan(3)
    // One more for the edge of the time that was measured, one for bytes that were late before it.
    expect(frames).toBeLessThanOrEqual(seconds * 10 + 2)
    expect(watched.screen.clearCount).toBe(0)
    watched.terminal.type('q')
    expect(await watched.terminal.exitCode).toBe(0)
  })

  test('a master that goes keeps its last state on the screen, and its return is told', async () => {
    const watched = start(command({lostFrom: 4, lostTo: 5, nodeLostFrom: 2}))
    await watched.until(/NO ANSWER since \d\d:\d\d:\d\d/)
    expect(watched.screen.text).toMatch(/web4 +lost/)
    expect(watched.screen.text).toContain('wordcount@5f2')
    await watched.until(/the master is back after/)
    expect(watched.screen.text).not.toContain('NO ANSWER')
    await watched.expectNoLeftovers()
    watched.terminal.type('q')
    expect(await watched.terminal.exitCode).toBe(0)
  })

  test('NO_COLOR leaves the screen and takes the colours', async () => {
    const watched = start(command({}), {env: {NO_COLOR: '1'}})
    await watched.until(/> wordcount/)
    watched.terminal.type('q')
    expect(await watched.terminal.exitCode).toBe(0)
    expect(watched.screen.colorCount).toBe(0)
  })

  test('wide and dangerous names do not break a line', async () => {
    const watched = start(command({nameSuffix: '日本語\u001b[2J\u202e👩‍👩‍👧🇩🇪'}), {columns: 180})
    await watched.until(({text}) => text.includes('join@4a1日本語') && text.includes(' 32/80 '))
    expect(watched.screen.text).toContain('\\u001b[2J')
    await watched.expectNoLeftovers()
    await watched.press('\r', /tasks 80/)
    await watched.press('\u001b', /jobs 6/)
    await watched.expectNoLeftovers()
    expect(watched.screen.clearCount).toBe(0)
    watched.terminal.type('q')
    expect(await watched.terminal.exitCode).toBe(0)
  })

  test.each([
    ['TERM=dumb', '', {TERM: 'dumb'}],
    ['a pipe', ' | cat', {}],
    ['CI', '', {CI: '1'}],
  ])('%s gets plain lines, until the job is over', async (_, tail, env) => {
    const watched = start(command({job: 'wordcount@5f2:ab3:91c', lastStep: 9, nodeLostFrom: 2}) + tail, {
      env,
      columns: 150,
    })
    expect(await watched.terminal.exitCode).toBe(0)
    expect(watched.terminal.bytes()).not.toContain('\u001b')
    const {lines} = watched.screen
    expect(lines[0]).toMatch(/^disco http:\/\/web1:8989 · 4 of 4 nodes up/)
    expect(lines).toContain('node web4: lost')
    expect(watched.screen.text).toMatch(/wordcount@5f2:ab3:91c done 100 % · 80 of 80 tasks · 3 failed attempts/)
    expect(watched.screen.text).toMatch(/error web4: task 11 failed: TypeError/)
  })
})
