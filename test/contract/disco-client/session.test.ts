/** Disco's Python library, as it behaves, against three agents: nothing but DISCO_MASTER (and here the port) is set. */
import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {DiscoProject} from '../../cli/disco-project.ts'

const session = join(import.meta.dirname, 'session.py')
const steps = [...readFileSync(session, 'utf8').matchAll(/^@step\ndef (\w+)/gm)].map(match => match[1]!)

let project: DiscoProject
beforeAll(() => {
  project = new DiscoProject()
  const flags = ['--agents', '3', '--legacy-api', '--legacy-put-port', '0']
  const {exitCode, stdout, stderr} = project.disco(['start', '--detach', '--port', '0', ...flags])
  expect([exitCode, stderr]).toEqual([
    0,
    `the interface of Disco is open without tokens at ${stdout.trim()}/disco and ${stdout.trim()}/ddfs: every program on this machine may submit jobs, read, write and delete data there\n`,
  ])
})
afterAll(async () => {
  expect(await project.stopCluster()).toEqual([])
  project.close()
})

test.skipIf(spawnSync('which', ['python3']).status !== 0)('a day of its user goes well', () => {
  const {url} = JSON.parse(readFileSync(join(project.discoHome, 'address.json'), 'utf8')) as {url: string}
  const {status, stdout, stderr} = spawnSync('python3', [session], {
    cwd: project.dir,
    env: {PATH: process.env['PATH'], DISCO_MASTER: url, DISCO_PORT: new URL(url).port, PYTHONDONTWRITEBYTECODE: '1'},
    encoding: 'utf8',
    timeout: 55_000,
  })
  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n')).toEqual(steps)
  expect([status, steps.length]).toEqual([0, 19])
})
