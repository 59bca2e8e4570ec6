/** A job that runs on a real cluster, watched in terminals of several sizes. */
import {readFileSync, writeFileSync} from 'node:fs'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {DiscoProject} from '../cli/disco-project.ts'
import {MonitorScreen} from './monitor-screen.ts'
import {missing, openTerminal, type Terminal} from './pseudo-terminal.ts'

if (missing !== undefined) console.warn(`terminal tests are skipped: ${missing}`)

const sizes = [
  [80, 24],
  [120, 40],
  [200, 50],
] as const

const taskCount = 12

describe.skipIf(missing !== undefined)('a job that runs', () => {
  let project: DiscoProject
  let terminal: Terminal | undefined
  const gates: string[] = []

  /** Tasks of even number end at once, the others when a file is there. */
  beforeAll(() => {
    project = new DiscoProject()
    project.startCluster('--agents', '3')
    project.write(
      'gated.ts',
      `import {existsSync} from 'node:fs'
import {defineJob} from 'disco-inferno'
export default defineJob({
  name: 'gated',
  inputs: Array.from({length: ${taskCount}}, (_, number) => 'raw://' + number),
  async map(line, {params, log}) {
    log('looks at ' + line)
    while (Number(line) % 2 === 1 && !existsSync(params.gate)) await new Promise(resolve => setTimeout(resolve, 50))
    return [['all', 1]]
  },
  reduce: (key, values) => [[key, [...values].length]],
  partitions: 1,
})`,
    )
  })
  afterEach(async () => {
    await terminal?.close()
    terminal = undefined
    // The slots are wanted by the next job.
    for (const gate of gates) writeFileSync(gate, '')
  })
  afterAll(async () => {
    expect(await project.stopCluster()).toEqual([])
    project.close()
  })

  const newGate = (): string => {
    const gate = project.path(`gate-${gates.length}`)
    gates.push(gate)
    return gate
  }

  test.each(sizes)('fills a monitor of %ix%i, which never clears and follows it to its end', async (columns, rows) => {
    const gate = newGate()
    project.json(['disco', 'run', 'gated.ts', '--no-wait', '-P', `gate=${gate}`])
    terminal = openTerminal(project, '"$node" "$tool" disco monitor @?gated', {columns, rows})
    const screen = new MonitorScreen(columns, rows)
    let readLength = 0
    const lines = (): readonly string[] => {
      const bytes = terminal!.bytes()
      screen.write(bytes.slice(readLength))
      readLength = bytes.length
      return screen.text.split('\n')
    }
    await terminal.until(() => {
      lines()
      return /2:running [1-9]/.test(screen.text) && / message +agent-\d +MSG: \[map:\d+\] looks at \d/.test(screen.text)
    })
    expect(lines()[0]).toMatch(/^gated@\w+ +running/)
    for (const line of lines()) expect(line.length).toBeLessThanOrEqual(columns)
    expect(screen.text).toMatch(/^. reduce +waiting/m)
    writeFileSync(gate, '')
    await terminal.until(() => /^gated@\w+ +done · 100 %/.test(lines()[0] ?? ''))
    terminal.type('q')
    expect(await terminal.exitCode).toBe(0)
    lines()
    expect([screen.isAlternate, screen.isCursorShown, screen.clearCount]).toEqual([false, true, 0])
  })

  test('moves some lines while it is waited for, and leaves one of them', async () => {
    const gate = newGate()
    terminal = openTerminal(project, `"$node" "$tool" disco run gated.ts -P gate=${gate} >out; echo "status $?"`)
    await terminal.until(({text}) => /gated@\w+ running +\d+ %[^\n]*\n {2}map +█*░+ +\d+ % +\d+\/12 /.test(text))
    expect(terminal.screen.text).toMatch(/\n {2}reduce +░+ {2}waits$/)
    writeFileSync(gate, '')
    expect(await terminal.exitCode).toBe(0)
    expect(terminal.screen.text).toMatch(/^job (gated@\w+)\n\1 done 100 % · 13 of 13 tasks\nstatus 0$/)
    expect(readFileSync(project.path('out'), 'utf8')).toBe('all\t12\n')
    expect(terminal.bytes()).not.toMatch(/\u001b\[(?:2?J|2K)/)
  })

  test('is told in plain lines where NO_COLOR is wanted', async () => {
    const gate = newGate()
    writeFileSync(gate, '')
    const line = `"$node" "$tool" disco run gated.ts -P gate=${gate} >out`
    terminal = openTerminal(project, line, {env: {NO_COLOR: '1'}})
    expect(await terminal.exitCode).toBe(0)
    expect(terminal.bytes()).toContain('map: 12/12\r\n')
    expect(terminal.bytes()).not.toContain('\u001b')
  })
})
