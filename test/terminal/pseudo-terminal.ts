/** The built program in a pseudo-terminal of fixed size, by way of `script` from util-linux. */
import {spawn, spawnSync} from 'node:child_process'
import {type Project, running} from '../cli/inferno-project.ts'
import {Screen} from './screen.ts'

/** Why these tests cannot run here; undefined when they can. */
export const missing: string | undefined =
  spawnSync('script', ['--version'], {encoding: 'utf8'}).stdout?.includes('util-linux') === true
    ? undefined
    : 'script of util-linux is not installed'

export interface Terminal {
  readonly screen: Screen
  /** Everything that was printed, with all sequences. */
  readonly bytes: () => string
  /** Resolves when the screen is as wanted; rejects when the program ends before. */
  until(condition: (screen: Screen) => boolean): Promise<void>
  /** Presses keys. */
  type(keys: string): void
  readonly exitCode: Promise<number | null>
  /** Ends the program if it still runs. */
  close(): Promise<void>
}

export interface TerminalOptions {
  readonly columns?: number
  readonly rows?: number
  readonly env?: NodeJS.ProcessEnv
}

/** @param line - of sh, in which `inferno` is the program, in the project's folder */
export function openTerminal(project: Project, line: string, options: TerminalOptions = {}): Terminal {
  const {columns = 80, rows = 24, env = {}} = options
  const screen = new Screen(columns, rows)
  const command = `stty cols ${columns} rows ${rows}\ninferno() { "$node" "$tool" inferno "$@"; }\n${line}`
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd: project.dir,
    env: project.env({TERM: 'xterm-256color', SHELL: '/bin/sh', ...env}),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => screen.write(text))
  const run = running(child)
  return {
    screen,
    bytes: run.stdout,
    until: condition => run.until(() => condition(screen)),
    type: keys => child.stdin.write(keys),
    exitCode: run.ended.then(({exitCode}) => exitCode),
    async close() {
      // The end of the terminal is a SIGHUP to everything in it.
      child.kill('SIGKILL')
      await run.ended
    },
  }
}
