/** What tests of `inferno daemon` put in the place of runs, and what those leave. */
import type {Project, Running} from './inferno-project.ts'

/** Stands for `inferno run`: notes when it begins and ends, takes as long as `ms.txt` says, ends as `outcome.txt` says. */
const standIn = `
import {appendFileSync, existsSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
const dir = process.env.dir
const args = process.argv.slice(2)
const rule = args[1], report = args[args.indexOf('--report') + 1]
const said = name => existsSync(dir + '/' + name) ? readFileSync(dir + '/' + name, 'utf8').trim() : ''
const note = word => appendFileSync(dir + '/journal', word + ' ' + rule + ' ' + process.pid + '\\n')
process.on('SIGTERM', () => { note('term'); process.exit(143) })
note('begin')
console.log('hello from', rule)
const ms = Number(said('ms.txt') || 20)
await new Promise(resolve => setTimeout(resolve, ms))
note('end')
const state = said('outcome.txt') || 'done'
if (state === 'crash') { console.log('out of luck'); process.exit(7) }
const error = state === 'failed' ? {error: {code: 'X', message: 'the table is gone'}} : {}
const blobs = [{tag: 'in:2026-01-01', blob: 'b1', bytes: 5, isCached: false}]
const backlog = {blobs: 2, bytes: 2000}
writeFileSync(report + '.new', JSON.stringify({rule, state, job: 'j', planHash: 'abc123', batch: 'f00', isRepeat: false,
  startedAtMs: 1, seconds: ms / 1000, blobs, bytes: 1000, rowCounts: {_default: 3}, account: null, backlog, sink: 'nowhere', ...error}))
renameSync(report + '.new', report)
`

export const ruleFile = (...rules: string[]): string => `import {defineRule} from 'disco-inferno'
export const AUTORUN = true
export const RULES = [${rules.map(rule => `defineRule({sourceTags: 'in', keyParts: ['a'], valueParts: ['count'], ${rule}})`).join(',\n')}]
`

/** Starts a daemon whose runs are the stand-in. */
export function startDaemon(project: Project, ...flags: string[]): Running {
  project.write('stand-in.mjs', standIn)
  return project.start(['daemon', '--runner', `${process.execPath} ${project.path('stand-in.mjs')}`, ...flags])
}

/** `begin RULE PID`, `end RULE PID`, `term RULE PID`, in their order. */
export const journalOf = (project: Project): string[] =>
  project.has('journal') ? project.read('journal').trimEnd().split('\n') : []

export const logLinesOf = (daemon: Running): Record<string, unknown>[] =>
  daemon
    .stderr()
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>)

export const hasLogged = (daemon: Running, msg: string, rule?: string): boolean =>
  logLinesOf(daemon).some(line => line['msg'] === msg && (rule === undefined || line['rule'] === rule))
