/** What a daemon takes that has many rules and nothing to do. */
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {Cluster} from '../ddfs/cluster.mjs'
import {cpuOf, residentMb} from '../jobs/clock.mjs'
import {Project, stop} from './project.mjs'

const rulesOfFile = 50
/** All rules are read, and what was made meanwhile is collected. Milliseconds. */
const settleMs = 15_000
const measureMs = 30_000

export async function idleDaemon({folder, ruleCount}) {
  const cluster = await Cluster.start(join(folder, 'idle-home'), [])
  const project = new Project(join(folder, 'idle'), cluster)
  for (let first = 0; first < ruleCount; first += rulesOfFile) {
    project.write(`rules/m${first}.ts`, moduleText(first, Math.min(rulesOfFile, ruleCount - first)))
  }
  const started = performance.now()
  const daemon = project.start(['inferno', 'daemon', '-y', 'rules', '--state', 'state'], 'daemon.log')
  try {
    await untilAllKnown(project, ruleCount)
    const readMs = performance.now() - started
    await sleep(settleMs)
    const before = cpuOf(daemon.pid)
    await sleep(measureMs)
    const share = ((cpuOf(daemon.pid) - before) / (measureMs / 1000)) * 100
    return [
      {what: `daemon with ${ruleCount} idle rules: processor`, value: `${share.toFixed(2)} %`, told: '1 % at most'},
      {what: 'the same, memory', value: `${residentMb(daemon.pid).toFixed(0)} MB`, told: '150 MB at most'},
      {what: 'the same, start until all are known', value: `${(readMs / 1000).toFixed(1)} s`},
    ]
  } finally {
    await stop(daemon)
    cluster.stop()
  }
}

/** Due at different minutes of the first of January. */
function moduleText(first, count) {
  const rules = Array.from(
    {length: count},
    (
      _,
      index,
    ) => `export const r${index} = defineRule({name: 'r${first + index}', sourceTags: ['in:r${first + index}:'],
  cron: '${index} ${first % 24} 1 1 *', keyParts: ['site'], valueParts: {hits: count()}, sink: {to: 'sqlite:idle.db', mode: 'append'}})
`,
  )
  return `import {count, defineRule} from 'disco-inferno'\nexport const AUTORUN = true\n${rules.join('')}`
}

async function untilAllKnown(project, ruleCount) {
  for (let tries = 0; tries < 300; tries++) {
    if (knownCount(project) === ruleCount) return
    await sleep(200)
  }
  throw new Error(`the daemon does not know ${ruleCount} rules`)
}

function knownCount(project) {
  try {
    project.time(['inferno', 'status', '-y', 'rules', '--state', 'state', '--json'], 'status.json')
  } catch (error) {
    // Rules that have never run are nothing to worry about; a state that is not there yet is no JSON.
    if (error.status === null) throw error
  }
  const text = project.read('status.json')
  return text.startsWith('{') ? (JSON.parse(text).rules?.length ?? 0) : 0
}
