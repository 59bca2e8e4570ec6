// Compiled code of the scripts (core.mjs) for the one executable, made by running what is often run.
import {execFileSync} from 'node:child_process'
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {overTags} from './core-uses.js'

const asExecutable = join(import.meta.dirname, 'folder-as-executable.mjs')
/** Lines for the runs that compile: as many as two threads want (14 MB), and their beginning. */
const lineCount = 200_000
const fewLines = 2_000
const ruleOf = options => `import {chunkJsonStream, defineRule, sortedReduce} from 'disco-inferno'
export default defineRule({name: 'sample', ${options} reduceFunction: sortedReduce,
  keyParts: ['domain'], valueParts: ['count', 'price']})
`

/**
 * Runs each use of the scripts as if the executable were there, and keeps the compiled code of all that it called. For the run over tags
 * the program that is built already is a cluster for a moment.
 *
 * @returns names of files in `parts`
 */
export function compileScripts(root, parts) {
  // Not beneath node_modules, where Node takes no TypeScript.
  const samples = mkdtempSync(join(tmpdir(), 'disco-inferno-build-'))
  const program = {tool: join(root, 'bin/run.js'), home: join(samples, 'home')}
  try {
    return compileUses(parts, samples, program)
  } finally {
    rmSync(samples, {recursive: true, force: true})
  }
}

function compileUses(parts, samples, {tool, home}) {
  const line = n =>
    `{"domain":"site${n % 50}.example","user":"user ${n}","status":${200 + (n % 7)},"price":${n % 17}}\n`
  const lines = Array.from({length: lineCount}, (_, n) => line(n))
  writeFileSync(join(samples, 'few.ndjson'), lines.slice(0, fewLines).join(''))
  writeFileSync(join(samples, 'many.ndjson'), lines.join(''))
  writeFileSync(join(samples, 'sample.ts'), ruleOf('mapInputStream: chunkJsonStream,'))
  writeFileSync(join(samples, 'tags.ts'), ruleOf("mapInputStream: chunkJsonStream, sourceTags: ['sample'],"))
  const query = ['inferno', 'query', '-k', 'domain', '-v', 'count,price']
  const run = ['inferno', 'run', './sample.ts', '--input']
  const runOverTags = ['inferno', 'run', './tags.ts', '--format', 'csv']
  const uses = {
    'inferno-query': [...query, 'few.ndjson'],
    'inferno-query-with-thread': [...query, '--threads', '2', 'many.ndjson'],
    'inferno-run': [...run, 'few.ndjson'],
    'inferno-run-with-thread': [...run, 'many.ndjson', '--threads', '2'],
    [overTags]: runOverTags,
  }
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^DISCO_/.test(name)))
  const env = {...clean, HOME: samples, DISCO_HOME: home}
  const ask = (...words) =>
    execFileSync(process.execPath, [tool, ...words], {cwd: samples, env, encoding: 'utf8', stdio: 'pipe'})
  env.DISCO_MASTER = ask('disco', 'start', '--detach', '--port', '0').trim()
  try {
    // Of several files, all but one of them known from a run before.
    for (let day = 1; day <= 5; day++) {
      writeFileSync(join(samples, 'day.ndjson'), lines.slice(0, fewLines + day).join(''))
      if (day === 5) ask(...runOverTags)
      ask('ddfs', 'push', `sample:2026-11-0${day}`, 'day.ndjson')
    }
    for (const [use, words] of Object.entries(uses)) {
      const options = ['--disable-warning=ExperimentalWarning', '--import', pathToFileURL(asExecutable).href]
      execFileSync(process.execPath, [...options, join(parts, 'main.js'), ...words], {
        cwd: samples,
        env: {...env, PARTS: parts, USE: use},
        stdio: ['ignore', 'ignore', 'pipe'],
      })
    }
  } finally {
    ask('disco', 'stop')
  }
  return readdirSync(parts).filter(name => name.endsWith('.code'))
}
