import {spawnSync} from 'node:child_process'
import {cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {type Outcome, projectRoot, runTool} from './launcher-run.ts'

let dir = ''

/** A checkout with the launcher and two commands only. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'launcher-build-'))
  for (const path of ['bin', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.types.json']) {
    cpSync(join(projectRoot, path), join(dir, path), {recursive: true})
  }
  for (const path of [
    'src/base',
    'src/cli',
    'src/bin.ts',
    'src/version-text.ts',
    'src/runtime.d.ts',
    'src/engine/kernel/assembly',
    'src/engine/merge-kernel/assembly',
    'commands/completion.ts',
  ]) {
    cpSync(join(projectRoot, path), join(dir, path), {recursive: true})
  }
  for (const path of ['src/web/page/page.html', 'src/web/page/page.css'])
    cpSync(join(projectRoot, path), join(dir, path))
  writeFileSync(join(dir, 'src/web/page/main.ts'), 'document.title = location.host\n')
  symlinkSync(join(projectRoot, 'node_modules'), join(dir, 'node_modules'))
  mkdirSync(join(dir, 'commands/inferno'))
  mkdirSync(join(dir, 'src/worker'))
  writeFileSync(join(dir, 'src/worker/index.ts'), `export {startThreadFor} from './spare-thread.ts'\n`)
  writeFileSync(join(dir, 'src/worker/spare-thread.ts'), 'export const startThreadFor = (): void => undefined\n')
  writeFileSync(join(dir, 'src/cli/run-plain.ts'), 'export const plainRun = (): undefined => undefined\n')
  writeFileSync(join(dir, 'src/cli/run-tags.ts'), `export {openClient} from './open-client.ts'\n`)
  writeFileSync(join(dir, 'src/cli/open-client.ts'), 'export const openClient = (): void => undefined\n')
  for (const name of ['run-query.ts', 'run-rules.ts', 'apply-settings.ts', 'tag-flags.ts'])
    rmSync(join(dir, 'src/cli', name))
  writeFileSync(join(dir, 'src/api.ts'), `export {UserError} from './base/index.ts'\n`)
  writeFileSync(join(dir, 'src/local.ts'), `export const runLocally = (): unknown => import('./cli/run-tags.ts')\n`)
  writeCommand(`this.log('one')`)
})
afterAll(() => rmSync(dir, {recursive: true}))

function writeCommand(body: string): void {
  writeFileSync(
    join(dir, 'commands/inferno/greet.ts'),
    `import {Command} from '@oclif/core'
export default class Greet extends Command {
  static override description = 'Greet'
  override async run(): Promise<void> { ${body} }
}
`,
  )
}

function build(): Outcome {
  const result = spawnSync(process.execPath, ['scripts/build.mjs'], {cwd: dir, encoding: 'utf8'})
  return {exitCode: result.status, stdout: result.stdout, stderr: result.stderr}
}

const greet = (): string => runTool(['inferno', 'greet'], {program: join(dir, 'bin/run.js')}).stdout

test('a build makes the program, its declarations, and nothing the next time', () => {
  expect(build()).toMatchObject({exitCode: 0, stderr: expect.stringMatching(/^build: 2 commands/)})
  expect(greet()).toBe('one\n')
  expect(existsSync(join(dir, 'dist/types/src/api.d.ts'))).toBe(true)
  expect(build()).toMatchObject({exitCode: 0, stderr: 'build: up to date\n'})
})

test('a build that fails leaves the program of before', () => {
  writeCommand('this is not TypeScript')
  expect(build().exitCode).toBe(1)
  expect(greet()).toBe('one\n')
  writeCommand(`throw new Error('at load') } static x = (() => { throw new Error('at load') })(); async y() {`)
  expect(build()).toMatchObject({exitCode: 1, stderr: expect.stringMatching(/at load/)})
  expect(greet()).toBe('one\n')
})

test('a build after a change leaves no file of the old one', () => {
  writeCommand(`this.log('two')`)
  expect(build().exitCode).toBe(0)
  expect(greet()).toBe('two\n')
  expect(readdirSync(join(dir, 'dist')).filter(name => name.startsWith('greet-'))).toHaveLength(1)
})

test('two builds at a time do not disturb each other', () => {
  writeCommand(`this.log('three')`)
  const line = '"$node" scripts/build.mjs & first=$!; "$node" scripts/build.mjs && wait $first'
  const env = {...process.env, node: process.execPath}
  const {status, stderr} = spawnSync('bash', ['-c', line], {cwd: dir, env, encoding: 'utf8'})
  expect({status, stderr: stderr.split('\n').sort().slice(1)}).toEqual({
    status: 0,
    stderr: [expect.stringMatching(/^build: 2 commands/), 'build: up to date'],
  })
  expect(greet()).toBe('three\n')
})

test('an error that is not the user’s is shown with its stack and called a bug, exit status 70', () => {
  writeCommand(`throw new TypeError('oh no')`)
  build()
  const {exitCode, stderr} = runTool(['inferno', 'greet'], {program: join(dir, 'bin/run.js')})
  expect(exitCode).toBe(70)
  expect(stderr).toMatch(/^TypeError: oh no\n\s+at .*greet-/)
  expect(stderr).toMatch(/This is a bug in disco-inferno/)
})

test('a program that is not built says what to run', () => {
  rmSync(join(dir, 'dist'), {recursive: true})
  const {exitCode, stderr} = runTool(['inferno'], {program: join(dir, 'bin/run.js')})
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^disco-inferno is not built yet: run "npm run build" in [^\n]+\n$/)
})
