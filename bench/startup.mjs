// How long the tool takes to start, as ratios to an empty Node program. Prints a table; asserts nothing.
// Run it on a quiet machine: node bench/startup.mjs [rounds]
import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

const roundsDefault = 15
const rounds = Number(process.argv[2] ?? roundsDefault)
const root = join(import.meta.dirname, '..')
const node = join(root, 'node_modules/.bin/node')
const tool = join(root, 'bin/run.js')

const folder = mkdtempSync(join(tmpdir(), 'startup-'))
const line = join(folder, 'line.ndjson')
writeFileSync(line, '{"name":"a"}\n')

const cases = {
  'node -e 0': ['-e', '0'],
  '--version': [tool, '--version'],
  '--help': [tool, '--help'],
  'inferno run --help': [tool, 'inferno', 'run', '--help'],
  'completion bash': [tool, 'completion', 'bash'],
  'no such command': [tool, 'query', '--help'],
  'inferno query, a line': [tool, 'inferno', 'query', '-k', 'name', '-v', 'count', '--from', 'json', '--quiet', line],
}

const timesMs = Object.fromEntries(Object.keys(cases).map(name => [name, []]))
// One round of each in turn, so that a busy moment of the machine hits all of them.
for (let round = -1; round < rounds; round++) {
  for (const [name, args] of Object.entries(cases)) {
    const started = performance.now()
    spawnSync(node, args, {stdio: 'ignore'})
    // The first round fills caches.
    if (round >= 0) timesMs[name].push(performance.now() - started)
  }
}
rmSync(folder, {recursive: true})

const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)]
const base = quantile(timesMs['node -e 0'], 0.5)
console.log('command               median ms   p10 ms   ratio')
for (const [name, values] of Object.entries(timesMs)) {
  const median = quantile(values, 0.5)
  const cells = [
    median.toFixed(0).padStart(9),
    quantile(values, 0.1).toFixed(0).padStart(8),
    (median / base).toFixed(2).padStart(7),
  ]
  console.log(`${name.padEnd(22)}${cells.join(' ')}`)
}
