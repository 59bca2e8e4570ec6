import assert from 'node:assert/strict'
import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, test} from 'vitest'
import {UserError} from '../../../src/base/index.ts'
import {defaultTemplate, initProject, listTemplates} from '../../../src/project/index.ts'

const templatesDir = fileURLToPath(new URL('../../../templates', import.meta.url))
let folder: string
let typesDir: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'init-'))
  typesDir = join(folder, 'types')
  await mkdir(join(typesDir, 'src', 'rules'), {recursive: true})
  await writeFile(join(typesDir, 'src', 'api.d.ts'), "export * from './rules/types.ts'\n")
  await writeFile(join(typesDir, 'src', 'rules', 'types.d.ts'), 'export type Parts = object\n')
  await writeFile(join(typesDir, 'src', 'api.js'), '')
})
afterAll(() => rm(folder, {recursive: true}))

async function userError(run: Promise<unknown>): Promise<UserError> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof UserError, String(error))
  return error
}

test('the templates are listed by name, each with a sentence and commands', async () => {
  const templates = await listTemplates(templatesDir)
  assert.deepEqual(
    templates.map(template => template.name),
    [
      ...['access-log', 'ad-clicks', 'c-worker', 'election', 'inverted-index', 'join', 'live-clicks', 'names'],
      ...['node-worker', 'python-worker', 'shell-worker', 'sort', 'word-count'],
    ],
  )
  assert.ok(templates.some(template => template.name === defaultTemplate))
  for (const {kind, description, commands} of templates) {
    assert.ok(description.length > 20 && !description.endsWith('.'))
    const tools = kind === 'rules' ? /^inferno / : /^(?:disco|ddfs|cc) /
    assert.ok(commands.length >= 2 && commands.every(command => tools.test(command)))
  }
})

test('every template gives a project with rules, sample data and the declarations', async () => {
  for (const {name, kind, commands} of await listTemplates(templatesDir)) {
    if (kind === 'worker') continue
    const dir = join(folder, 'deep', `My ${name}!`)
    const result = await initProject({templatesDir, typesDir, dir, template: name})
    assert.deepEqual([result.dir, result.template, result.commands], [dir, name, commands])
    for (const file of ['.gitignore', 'README.md', 'package.json', 'tsconfig.json'])
      assert.ok(result.files.includes(file), file)
    assert.ok(result.files.some(file => (kind === 'rules' ? /^rules\/.+\.ts$/ : /^jobs\/.+\.ts$/).test(file)))
    assert.ok(result.files.some(file => file.startsWith('data/')))
    for (const file of ['template.json', 'job-template.json', 'gitignore']) assert.ok(!result.files.includes(file))
    const description = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')) as object
    assert.deepEqual(description, {name: `my-${name}`, private: true, type: 'module'})
    assert.deepEqual((await readdir(join(dir, '.disco-inferno'), {recursive: true})).sort(), [
      'src',
      'src/api.d.ts',
      'src/rules',
      'src/rules/types.d.ts',
    ])
  }
})

test('a template in another language gives the worker and sample data, and no declarations', async () => {
  const workers = (await listTemplates(templatesDir)).filter(({kind}) => kind === 'worker')
  assert.equal(workers.length, 4)
  for (const {name} of workers) {
    const dir = join(folder, 'workers', name)
    const {files} = await initProject({templatesDir, typesDir: join(folder, 'none'), dir, template: name})
    assert.deepEqual(
      files.filter(file => !/^(?:count\.\w+|disco_worker\.py)$/.test(file)),
      ['.gitignore', 'README.md', 'data/harbour.txt', 'data/tides.txt'],
    )
    assert.ok(files.some(file => file.startsWith('count.')))
  }
})

test('files that the commands name are in the template', async () => {
  for (const {name, commands} of await listTemplates(templatesDir)) {
    const files = (await readdir(join(templatesDir, name), {recursive: true})) as string[]
    for (const command of commands) {
      const input = /--input (\S+)/.exec(command)?.[1]
      assert.ok(input === undefined || files.includes(input), command)
      const module = /^inferno (?:run|explain|trace) ([^.\s]+)/.exec(command)?.[1]
      assert.ok(module === undefined || files.includes(`rules/${module}.ts`), command)
      const job = /^(?:disco run|disco job|cc .*) (\S+\.\w+)/.exec(command)?.[1]
      assert.ok(job === undefined || files.includes(job), command)
    }
  }
})

test('an empty folder is used, one with anything in it is not', async () => {
  const empty = join(folder, 'empty')
  await mkdir(empty)
  await initProject({templatesDir, typesDir, dir: empty})
  const error = await userError(initProject({templatesDir, typesDir, dir: empty}))
  assert.equal(error.code, 'DIR_NOT_EMPTY')
  const file = join(folder, 'file')
  await writeFile(file, '')
  assert.equal((await userError(initProject({templatesDir, typesDir, dir: file}))).code, 'DIR_NOT_EMPTY')
})

test('an unknown template is refused with the nearest name, before anything is written', async () => {
  const dir = join(folder, 'unknown')
  const error = await userError(initProject({templatesDir, typesDir, dir, template: 'elections'}))
  assert.equal(error.code, 'BAD_FLAG')
  assert.match(error.message, /Did you mean "election"\?/)
  assert.equal(error.exitCode, 2)
  await assert.rejects(readdir(dir))
})

test('missing declarations are said, and nothing is written', async () => {
  const dir = join(folder, 'untyped')
  const error = await userError(initProject({templatesDir, typesDir: join(folder, 'none'), dir}))
  assert.equal(error.code, 'INPUT_NOT_FOUND')
  await assert.rejects(readdir(dir))
})

test('a project that cannot be written whole is removed again', async () => {
  const broken = join(folder, 'broken-templates')
  await mkdir(join(broken, 'half'), {recursive: true})
  await writeFile(join(broken, 'half', 'template.json'), '{"description":"has no package.json","commands":[]}')
  const dir = join(folder, 'half')
  const error = await userError(initProject({templatesDir: broken, typesDir, dir, template: 'half'}))
  assert.equal(error.code, 'OUTPUT_FAILED')
  await assert.rejects(readdir(dir))
})
