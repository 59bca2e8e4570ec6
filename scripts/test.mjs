// `npm test`: build, types, lint, tests. The last line is exactly `N passed, N failed`; types and lint count as one check each.
import {spawn} from 'node:child_process'
import {mkdirSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {build, buildErrorText} from './build.mjs'

const root = join(import.meta.dirname, '..')
const tool = name => join(root, 'node_modules/.bin', name)
const reportFile = join(root, 'node_modules/.cache/disco-inferno/tests.json')

const counts = {passed: 0, failed: 0}
const add = (passed, failed) => {
  counts.passed += passed
  counts.failed += failed
}

const isBuilt = await phase('build', async () => {
  try {
    console.log(await build())
    return true
  } catch (error) {
    console.error(buildErrorText(error))
    add(0, 1)
    return false
  }
})
await phase('types', async () => {
  check(await run('tsc', ['--noEmit']))
  // Code for browsers: there are other globals.
  check(await run('tsc', ['-p', 'tsconfig.web.json']))
})
await phase('lint', async () =>
  check(await run('biome', ['ci', ...(process.stdout.isTTY ? [] : ['--colors=off']), '.'])),
)
// Tests of the program would try the previous build: without a build there is nothing to say.
if (isBuilt) await phase('tests', runTests)

process.exitCode = counts.failed === 0 ? 0 : 1
console.log(`${counts.passed} passed, ${counts.failed} failed`)

async function phase(name, work) {
  const started = performance.now()
  console.log(`== ${name}`)
  const result = await work()
  console.log(`== ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return result
}

function check(exitCode) {
  if (exitCode === 0) add(1, 0)
  else add(0, 1)
}

async function runTests() {
  mkdirSync(join(reportFile, '..'), {recursive: true})
  rmSync(reportFile, {force: true})
  const exitCode = await run('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...process.argv.slice(2),
  ])
  const {passed, failed} = countsOf(reportFile)
  add(passed, failed)
  // Something outside a test went wrong: an error after the last test, a crash of the runner.
  if (exitCode !== 0 && failed === 0) add(0, 1)
}

/** A file that fails before its first test counts as one failure. */
function countsOf(file) {
  let report
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    console.error(`no test report: ${error.message}`)
    return {passed: 0, failed: 0}
  }
  const broken = report.testResults.filter(result => result.status === 'failed' && result.assertionResults.length === 0)
  return {passed: report.numPassedTests, failed: report.numFailedTests + broken.length}
}

/** Runs a tool of the project with its output passed through; resolves with its exit status. */
function run(name, args) {
  return new Promise(resolve => {
    const child = spawn(tool(name), args, {cwd: root, stdio: ['ignore', 'inherit', 'inherit']})
    child.on('error', error => {
      console.error(`${name} does not start: ${error.message}`)
      resolve(1)
    })
    child.on('exit', code => resolve(code ?? 1))
  })
}
