/**
 * Two projects on one cluster with a rule of one name, each killed at a step of its run: both databases hold what undisturbed runs give. Then
 * one of the rules is edited while its batch is open.
 */

import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {DiscoProject} from '../../cli/disco-project.ts'
import type {StepName} from './steps/step-names.ts'

const project = new DiscoProject()
let killCount = 0

beforeAll(() => project.startCluster())
afterAll(async () => {
  const left = await project.stopCluster()
  project.close()
  // Runs that are killed leave their folders.
  expect(left.filter(name => !name.startsWith('disco-inferno-'))).toEqual([])
})

/** A project reads its own tags into its own database, unless told otherwise. */
function write(
  name: string,
  {sink = name, reads = [name], keysets = ''}: {sink?: string; reads?: readonly string[]; keysets?: string} = {},
): void {
  project.write(
    `${name}/rules/m.ts`,
    `import {count, defineRule} from 'disco-inferno'
export const again = defineRule({
  name: 'again', sourceTags: ${JSON.stringify(reads.map(each => `in-${each}:`))}, archive: true, archiveTagPrefix: 'done-${name}',
  sink: {to: 'sqlite:${project.path(`${sink}.db`)}', mode: 'add'}, ${keysets === '' ? "keyParts: ['site'], valueParts: {hits: count()}" : keysets},
})
`,
  )
}

function push(name: string, site: string, count: number): void {
  const file = `${site}-${count}.ndjson`
  project.writeRecords(
    file,
    Array.from({length: count}, () => ({site})),
  )
  expect(project.ddfs(['push', `in-${name}:2026-11-23`, project.path(file)])).toMatchObject({exitCode: 0})
}

const run = (name: string, env: NodeJS.ProcessEnv = {}) =>
  project.inferno(['run', 'm.again'], {cwd: project.path(name), env})

function killAt(name: string, step: StepName): void {
  const {exitCode} = run(name, {
    KILL_STEP: step,
    KILL_MARK: project.path(`killed-${++killCount}`),
    KILL_ALSO_RUN: '1',
    NODE_OPTIONS: `--import ${join(import.meta.dirname, 'steps/kill-at-step.ts')}`,
  })
  expect(exitCode).not.toBe(0)
}

function rowsIn(name: string, table = 'again'): Record<string, number> {
  const database = new DatabaseSync(project.path(`${name}.db`), {readOnly: true})
  const rows = database.prepare(`SELECT site, hits FROM ${table}`).all() as {site: string; hits: number}[]
  database.close()
  return Object.fromEntries(rows.map(({site, hits}) => [site, hits]))
}

test.each(['place is claimed', 'commit is next', 'rows are committed', 'place is next to be given back'] as const)(
  'both databases are as undisturbed when both projects are killed at: %s',
  step => {
    const [a, b] = [`a${killCount}`, `b${killCount}`]
    for (const name of [a, b]) write(name)
    push(a, 'x', 3)
    push(b, 'y', 1)
    killAt(a, step)
    killAt(b, step)
    push(a, 'z', 2)
    const finishing = run(b)
    expect(finishing).toMatchObject({exitCode: 0})
    expect(finishing.stderr).toContain(`left alone: a batch of 1 input of in-${a}:2026-11-23`)
    for (const name of [a, a, b, b]) expect(run(name)).toMatchObject({exitCode: 0})
    expect([rowsIn(a), rowsIn(b)]).toEqual([{x: 3, z: 2}, {y: 1}])
  },
)

test('a rule that got another sink says how to end what it began, and counts nothing twice', () => {
  write('edited')
  push('edited', 'x', 3)
  killAt('edited', 'rows are committed')
  write('edited', {sink: 'other'})
  const {exitCode, stderr} = run('edited')
  expect(exitCode).not.toBe(0)
  expect(stderr).toContain(`began a batch of 1 input for sqlite:${project.path('edited.db')}, which has not ended`)
  expect(stderr).toContain('inferno archive reset m.again --open --yes')
  write('edited')
  expect(run('edited')).toMatchObject({exitCode: 0})
  write('edited', {sink: 'other'})
  push('edited', 'y', 2)
  expect(run('edited')).toMatchObject({exitCode: 0})
  expect([rowsIn('edited'), rowsIn('other')]).toEqual([{x: 3}, {y: 2}])
})

test('a rule that got more tags finishes what it began, then reads the others', () => {
  write('more')
  push('more', 'x', 3)
  push('others', 'y', 1)
  killAt('more', 'rows are committed')
  write('more', {reads: ['more', 'others']})
  for (const _ of [1, 2, 3]) expect(run('more')).toMatchObject({exitCode: 0})
  expect(rowsIn('more')).toEqual({x: 3, y: 1})
})

test('a rule that got another table marks what the old one has, and counts it in neither again', () => {
  write('tables')
  push('tables', 'x', 3)
  killAt('tables', 'rows are committed')
  write('tables', {keysets: "keysets: {later: {keyParts: ['site'], valueParts: {hits: count()}}}"})
  push('tables', 'y', 2)
  for (const _ of [1, 2]) expect(run('tables')).toMatchObject({exitCode: 0})
  expect([rowsIn('tables'), rowsIn('tables', 'later')]).toEqual([{x: 3}, {y: 2}])
})
