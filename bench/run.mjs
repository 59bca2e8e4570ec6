/**
 * The benchmark: this tool and its peers on the same files, each run a whole process, start-up and output included.
 * See README.md. It asserts that rows agree (exit status 1 when they do not), never a speed.
 */
import {spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {build, buildErrorText} from '../scripts/build.mjs'
import {ensureNewlines} from './newlines/compile.mjs'
import {readOptions, usage} from './options.mjs'
import {profileCase} from './profile.mjs'
import {compareWithSlow} from './ratios.mjs'
import {renderCase, renderReport, renderSummary, writeReport} from './report.mjs'
import {runCase} from './run-case.mjs'

/** Installs the peers once. Without a lock file, see README.md; a peer that cannot be had is a row that says so. */
function installPeers() {
  if (existsSync(join(import.meta.dirname, 'node_modules'))) return
  console.error('Setting up once: npm install in bench/')
  spawnSync('npm', ['install'], {cwd: import.meta.dirname, stdio: ['ignore', 2, 2]})
}

async function runCases(cases, options, folder) {
  const results = []
  for (const one of cases) {
    results.push(await runCase(one, options, folder))
    console.log(renderCase(results.at(-1)).join('\n'))
  }
  return results
}

/**
 * The files are not joined in one as well: that would be gigabytes more, and these are large enough to be read by several threads.
 * Miller and jq would take a minute a run; their speeds do not depend on the size, so those of the first table are compared with.
 */
async function runLargeCases(options, folder, results) {
  const cases = options.cases
    .filter(one => one.isScan)
    .map(one => ({...one, title: `${one.title} (${options.largeMb} MB)`}))
  const engines = options.engines.filter(engine => !engine.isSlow)
  const large = await runCases(cases, {...options, engines, sizeMb: options.largeMb, isJoined: false}, folder)
  return large.map(result =>
    compareWithSlow(
      result,
      results.find(({one}) => one.id === result.one.id),
    ),
  )
}

async function main() {
  const options = readOptions()
  if (options.isHelp) {
    console.log(usage)
    return
  }
  if (options.isBuilt) console.error(`build: ${await build()}`)
  const folder = mkdtempSync(join(tmpdir(), 'disco-inferno-bench-'))
  process.on('exit', () => rmSync(folder, {recursive: true, force: true}))
  if (options.profiled !== undefined) {
    for (const one of options.profiled) console.log(await profileCase(one, options, folder))
    return
  }
  installPeers()
  await ensureNewlines()
  const results = await runCases(options.cases, options, folder)
  const large = options.largeMb === undefined ? [] : await runLargeCases(options, folder, results)
  console.log(renderSummary(results).join('\n'))
  console.log(renderSummary(large, options.largeMb).join('\n'))
  const args = process.argv.slice(2).map(arg => ` ${arg}`)
  const command = `npm run bench${args.length === 0 ? '' : ` --${args.join('')}`}`
  if (options.isWritten) writeReport(renderReport(results, command, large, options.largeMb))
  if ([...results, ...large].some(({rows}) => rows.some(row => row.agreement?.startsWith('DIFFERENT'))))
    process.exitCode = 1
}

try {
  await main()
} catch (error) {
  console.error(buildErrorText(error))
  process.exitCode = 1
}
