import {spawn} from 'node:child_process'
import {existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {waitFor} from '../cluster/kit/wait.ts'
import {launcher, projectRoot, runShell, runTool} from './launcher-run.ts'

const {version} = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {version: string}

test.each(['--version', '-v'])('%s prints name, version and platform', flag => {
  const {exitCode, stdout, stderr} = runTool([flag])
  expect({exitCode, stdout, stderr}).toEqual({
    exitCode: 0,
    stdout: `disco-inferno/${version} ${process.platform}-${process.arch}\n`,
    stderr: '',
  })
})

describe('help', () => {
  test('of the tool names the topics, also when nothing is asked', () => {
    const {exitCode, stdout} = runTool(['--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/inferno +Rules/)
    expect(stdout).toMatch(/disco +Jobs/)
    expect(stdout).toMatch(/ddfs +Files/)
    expect(runTool([]).stdout).toBe(stdout)
  })

  test.each([
    ['disco', 'start'],
    ['ddfs', 'push'],
    ['inferno', 'run'],
  ])('of %s lists its commands', (topic, command) => {
    const {exitCode, stdout} = runTool([topic, '--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(new RegExp(`^ {2}${topic} ${command} +[A-Z]`, 'm'))
    expect(runTool([topic]).stdout).toBe(stdout)
  })

  test('of a command has usage and an example', () => {
    const {stdout} = runTool(['completion', '--help'])
    expect(stdout).toMatch(/USAGE\n {2}\$ disco-inferno completion SHELL/)
    expect(stdout).toMatch(/EXAMPLES/)
  })
})

describe('called by the name of a topic', () => {
  let dir = ''
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'launcher-'))
    for (const name of ['disco-inferno', 'disco', 'ddfs', 'inferno']) symlinkSync(launcher, join(dir, name))
  })
  afterAll(() => rmSync(dir, {recursive: true}))

  test.each(['disco', 'ddfs', 'inferno'])('%s shows the help of the topic', name => {
    const {stdout} = runTool([name])
    expect(stdout).toContain(`$ disco-inferno ${name} `)
    const short = stdout.replaceAll(`$ disco-inferno ${name} `, `$ ${name} `)
    expect(runTool([], {program: join(dir, name)}).stdout).toBe(short)
  })

  test('disco-inferno does not', () => {
    expect(runTool([], {program: join(dir, 'disco-inferno')}).stdout).toBe(runTool([]).stdout)
  })
})

describe('a mistake', () => {
  test('in a command is answered with the nearest one, exit status 2', () => {
    expect(runTool(['complation'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'Error: there is no command "complation"\n' +
        'Hint: did you mean "completion"? Otherwise see all with: disco-inferno --help\n',
    })
  })

  test('in a command of a topic is answered with what is near', () => {
    const {exitCode, stderr} = runTool(['ddfs', 'psuh', 'x'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('there is no command "ddfs psuh"\nHint: did you mean "ddfs push"?')
  })

  test('in a flag or argument points to the help of the command, exit status 2', () => {
    const flag = runTool(['completion', 'bash', '--nope'])
    expect(flag.exitCode).toBe(2)
    expect(flag.stderr).toBe(
      'Error: there is no flag --nope\nHint: see how it is used with: disco-inferno completion --help\n',
    )
    const argument = runTool(['completion', 'tcsh'])
    expect(argument.exitCode).toBe(2)
    expect(argument.stderr).toMatch(/^Error: Expected tcsh to be one of: bash, zsh, fish\nHint: /)
  })

  test('is an object on stdout with --json', () => {
    const {exitCode, stdout, stderr} = runTool(['inferno', 'nope', '--json'])
    expect({exitCode, stderr}).toEqual({exitCode: 2, stderr: ''})
    expect(JSON.parse(stdout)).toMatchObject({error: {code: 'BAD_FLAG', message: 'there is no command "inferno nope"'}})
  })
})

describe('stdout', () => {
  test('that is closed early ends the program quietly', () => {
    expect(runShell('"$node" "$tool" completion bash | true')).toEqual({exitCode: 0, stdout: '', stderr: ''})
  })

  test.skipIf(process.platform !== 'linux')('on a full disk is an error in one sentence', () => {
    const {exitCode, stderr} = runShell('"$node" "$tool" completion bash > /dev/full')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^Error: cannot write to stdout: ENOSPC[^\n]*\n$/)
  })
})

describe('under a Node that is too old', () => {
  /** Makes Node claim another version; `when` is an expression. */
  const pretending = (when: string): NodeJS.ProcessEnv => {
    const code = `if(${when})Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.0.0'}})`
    return {NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`}
  }

  test('the same command runs under the pinned one', () => {
    const {exitCode, stdout, stderr} = runTool(['completion', 'bash'], {
      env: pretending('!process.env.DISCO_INFERNO_REEXEC'),
    })
    expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
    expect(stdout).toBe(runTool(['completion', 'bash']).stdout)
    expect(runTool(['nope'], {env: pretending('!process.env.DISCO_INFERNO_REEXEC')}).exitCode).toBe(2)
  })

  test.skipIf(process.platform !== 'linux').each([
    ['that just starts', ['inferno', 'query', '-k', 'a', '-v', 'count', '-'], false],
    ['that runs', ['disco', 'start', '--port', '0'], true],
  ])('a command %s ends when its launcher is killed outright', async (_, args, isReady) => {
    const home = mkdtempSync(join(tmpdir(), 'launcher-'))
    const env = {...process.env, DISCO_HOME: home, ...pretending('!process.env.DISCO_INFERNO_REEXEC')}
    const started = spawn(process.execPath, [launcher, ...args], {env, stdio: ['pipe', 'pipe', 'pipe']})
    let child = 0
    try {
      child = await waitFor('the pinned Node', () => childrenOf(started.pid!)[0])
      if (isReady) await waitFor('the cluster', () => readIfThere(join(home, 'address.json')))
      started.kill('SIGKILL')
      await waitFor('its end', () => (existsSync(`/proc/${child}`) ? undefined : true))
    } finally {
      started.stdin.destroy()
      if (child > 0 && existsSync(`/proc/${child}`)) process.kill(child, 'SIGKILL')
      rmSync(home, {recursive: true, force: true})
    }
  })

  test('one sentence says what to do when that one is too old as well', () => {
    const {exitCode, stderr} = runTool(['completion', 'bash'], {env: pretending('true')})
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /^disco-inferno needs Node 26 or newer and this is v[\d.]+: run "npm run setup" in [^\n]+\n$/,
    )
  })
})

const childrenOf = (pid: number): readonly number[] =>
  (readIfThere(`/proc/${pid}/task/${pid}/children`) ?? '').trim().split(' ').filter(Boolean).map(Number)

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
