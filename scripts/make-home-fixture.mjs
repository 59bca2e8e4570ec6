// Makes the home folder of a small cluster as this version writes it: test/fixtures/homes/VERSION.tar.gz. Run at every release, before
// the version is raised; test/cli/disco-versions.test.ts opens all of them with the program of the day.
import {execFileSync, spawn} from 'node:child_process'
import {globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'

const root = join(import.meta.dirname, '..')
const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'home-fixture-'))
const home = join(folder, 'home')
const env = {PATH: process.env.PATH, HOME: folder, DISCO_HOME: home}
const options = {cwd: folder, env, encoding: 'utf8'}
const run = (...words) => execFileSync(process.execPath, [join(root, 'bin/run.js'), ...words], options)

try {
  run('disco', 'start', '--detach', '--port', '0', '--name', 'one', '--reserve', '0')
  writeFileSync(join(folder, 'in.txt'), 'one\ntwo\none\n')
  run('ddfs', 'push', 'data:in', 'in.txt')
  run('ddfs', 'setattr', 'data:in', 'colour', 'red')
  run('ddfs', 'touch', 'data:deleted')
  run('ddfs', 'rm', 'data:deleted')
  run('disco', 'config', 'set', 'replicas', '2')
  writeFileSync(join(folder, 'token.txt'), run('disco', 'token', 'create', 'grafana', '--scope', 'read'))
  mkdirSync(join(folder, 'jobs'))
  writeFileSync(
    join(folder, 'jobs/count.ts'),
    `import {defineJob} from 'disco-inferno'
export default defineJob({name: 'count', map: line => [[line, 1]], reduce: (key, values) => [[key, [...values].length]]})
`,
  )
  run('disco', 'run', 'jobs/count.ts', 'data:in')
  mkdirSync(join(folder, 'rules'))
  writeFileSync(
    join(folder, 'rules/a.ts'),
    `import {defineRule} from 'disco-inferno'
export const RULES = [defineRule({name: 'a', sourceTags: 'data', keyParts: ['x'], valueParts: ['count'], timeDelta: {weeks: 1}})]
export const AUTORUN = true
`,
  )
  await seeRules()
  run('disco', 'stop')
  // The lock is made anew, logs are of this machine.
  for (const path of globSync('home/{log,run,nodes/*/jobs/packs}', {cwd: folder}))
    rmSync(join(folder, path), {recursive: true})
  const out = join(root, 'test/fixtures/homes', `${version}.tar.gz`)
  mkdirSync(join(out, '..'), {recursive: true})
  execFileSync('tar', ['--owner=0', '--group=0', '-czf', out, 'home', 'token.txt'], {cwd: folder})
  console.log(out)
} finally {
  rmSync(folder, {recursive: true, force: true})
}

/** A daemon that has seen the folder once leaves its state. */
async function seeRules() {
  const daemon = spawn(process.execPath, [join(root, 'bin/run.js'), 'inferno', 'daemon', '-y', 'rules'], options)
  const ended = new Promise(resolve => daemon.once('exit', resolve))
  while (globSync('home/rules/*/rules.sqlite', {cwd: folder}).length === 0) await pause(200)
  while (JSON.parse(run('inferno', 'status', '-y', 'rules', '--json')).rules.length === 0) await pause(200)
  daemon.kill('SIGTERM')
  await ended
}
