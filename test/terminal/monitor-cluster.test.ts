import {spawnSync} from 'node:child_process'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {DiscoProject} from '../cli/disco-project.ts'
import {MonitorScreen} from './monitor-screen.ts'
import {missing, openTerminal, type Terminal} from './pseudo-terminal.ts'

if (missing !== undefined) console.warn(`terminal tests are skipped: ${missing}`)

describe('the monitor of a real cluster', () => {
  let project: DiscoProject
  let terminal: Terminal | undefined

  beforeAll(() => {
    project = new DiscoProject()
    project.startCluster('--name', 'first')
    project.write('words.txt', 'one two three\n')
    project.ddfs(['push', 'some:words', project.path('words.txt')])
  })
  afterEach(async () => {
    await terminal?.close()
    terminal = undefined
  })
  afterAll(async () => {
    expect(await project.stopCluster()).toEqual([])
    project.close()
  })

  test('--once prints it, --json gives it, and both end', () => {
    const once = project.disco(['monitor', '--once'])
    expect(once.exitCode).toBe(0)
    expect(once.stdout).toMatch(/^disco http:\/\/127\.0\.0\.1:\d+ · 1 of 1 node up · 0 jobs and 0 tasks running/)
    expect(once.stdout).toMatch(/^ {2}first \* +up +0\/\d+/m)
    const snapshot = project.json(['disco', 'monitor'])
    expect(snapshot).toMatchObject({
      cluster: {nodeCount: 1, tagCount: 1},
      nodes: [{name: 'first', state: 'up'}],
      maintenance: {repair: {missingCount: 0}},
      running: [],
    })
  })

  test('an address where nobody answers, and a job that is not there, are errors', () => {
    const nobody = project.disco(['monitor', '--once', '--master', 'http://127.0.0.1:9'])
    expect([nobody.exitCode, nobody.stderr]).toEqual([3, expect.stringContaining('nothing answers at')])
    const noJob = project.disco(['monitor', 'nope@1:2:3'])
    expect([noJob.exitCode, noJob.stderr]).toEqual([1, expect.stringContaining('nope@1:2:3')])
  })

  describe.skipIf(missing !== undefined)('on a terminal', () => {
    test('shows the node, goes into it, and gives the terminal back', async () => {
      terminal = openTerminal(project, 'echo before; "$node" "$tool" disco monitor; echo "status $?"')
      const screen = new MonitorScreen(80, 24)
      let readLength = 0
      const read = (): MonitorScreen => {
        const bytes = terminal!.bytes()
        screen.write(bytes.slice(readLength))
        readLength = bytes.length
        return screen
      }
      await terminal.until(() => /first \* +up/.test(read().text))
      expect(screen.isAlternate).toBe(true)
      terminal.type('\t\r')
      await terminal.until(() => /first \(master\) {2}up · 0 of \d+ slots? busy/.test(read().text))
      terminal.type('q')
      expect(await terminal.exitCode).toBe(0)
      expect(read().text).toBe('before\nstatus 0')
      expect([screen.isAlternate, screen.isCursorShown, screen.clearCount]).toEqual([false, true, 0])
    })

    test('that is restarted stays on the screen, and comes back', async () => {
      terminal = openTerminal(project, '"$node" "$tool" disco monitor')
      const screen = new MonitorScreen(80, 24)
      let readLength = 0
      const text = (): string => {
        const bytes = terminal!.bytes()
        screen.write(bytes.slice(readLength))
        readLength = bytes.length
        return screen.text
      }
      await terminal.until(() => /first \* +up/.test(text()))
      const port = new URL(project.client().address.url).port
      expect(project.disco(['stop']).exitCode).toBe(0)
      await terminal.until(() => /NO ANSWER since/.test(text()))
      expect(text()).toMatch(/first \*/)
      expect(project.disco(['start', '--detach', '--name', 'first', '--port', port]).exitCode).toBe(0)
      await terminal.until(() => {
        const shown = text()
        return /first \* +up/.test(shown) && !shown.includes('NO ANSWER')
      })
      terminal.type('q')
      expect(await terminal.exitCode).toBe(0)
    })
  })

  test('in a pipe prints lines until Ctrl-C, which is no error', () => {
    const line = 'timeout --preserve-status -s INT 2 "$node" "$tool" disco monitor | cat'
    const options = {cwd: project.dir, env: project.env(), encoding: 'utf8'} as const
    const {status, stdout} = spawnSync('bash', ['-o', 'pipefail', '-c', line], options)
    expect(stdout).toMatch(/^disco http.*\nnode first: up\n/)
    expect(status).toBe(0)
  })
})
