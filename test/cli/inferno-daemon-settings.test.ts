/** What the settings under `daemon` and `notify` do, from the file to what a person sees of it. */
import {createRequire} from 'node:module'
import type BetterSqlite3 from 'better-sqlite3'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {waitFor} from '../cluster/kit/wait.ts'
import {httpService, mailService} from '../unit/daemon/notify/stand-ins.ts'
import {hasLogged, journalOf, ruleFile, startDaemon} from './daemon-stand-in.ts'
import {Project, type Running} from './inferno-project.ts'

const Database = createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3

let project: Project
beforeEach(() => {
  project = new Project()
})
afterEach(() => project.close())

const begins = (): number => journalOf(project).filter(line => line.startsWith('begin')).length
const words = (): string =>
  journalOf(project)
    .map(line => line.split(' ')[0])
    .join(' ')
const hour = 3_600_000

function start(settings: object): Running {
  project.write('settings.yaml', JSON.stringify(settings))
  return startDaemon(project, '-e', 'settings.yaml', '--state', 'state')
}

async function stop(daemon: Running): Promise<void> {
  daemon.child.kill('SIGTERM')
  await daemon.ended
}

/** Changes the state of a daemon that does not work now. */
function changeState(sql: string, ...values: readonly (string | number)[]): void {
  const db = new Database(project.path('state/rules.sqlite'))
  db.prepare(sql).run(...values)
  db.close()
}

test('daemon.state is where the daemon keeps what it knows, for inferno status too', async () => {
  project.write('rules/m.ts', ruleFile(`name: 'a', timeDelta: {weeks: 1}`))
  project.write('settings.yaml', 'daemon: {state: kept/here}\n')
  const daemon = startDaemon(project, '-e', 'settings.yaml')
  await daemon.until(() => hasLogged(daemon, 'run done'))
  await stop(daemon)
  expect(project.has('kept/here/rules.sqlite')).toBe(true)
  expect(project.inferno(['status', '-e', 'settings.yaml']).stdout).toContain('m.a')
})

test.each([
  [1, 'begin end begin end'],
  [2, 'begin begin end end'],
])('daemon.concurrent: %i rules at the same time', async (concurrent, expected) => {
  const rules = ['a', 'b'].map(name => `name: '${name}', timeDelta: {weeks: 1}`)
  project.write('rules/m.ts', ruleFile(...rules))
  project.write('ms.txt', '600')
  const daemon = start({daemon: {concurrent}})
  await daemon.until(() => hasLogged(daemon, 'run done', 'm.a') && hasLogged(daemon, 'run done', 'm.b'))
  expect(words()).toBe(expected)
  await stop(daemon)
})

test('daemon.grace: at the end runs get so many seconds', async () => {
  project.write('rules/m.ts', ruleFile(`name: 'a', timeDelta: {weeks: 1}`))
  project.write('ms.txt', '60000')
  const daemon = start({daemon: {grace: 0}})
  await waitFor('it runs', () => begins() === 1)
  await stop(daemon)
  expect(words()).toBe('begin term')
})

test.each([
  ['once', 1],
  ['skip', 0],
])(
  'daemon.catchUp: %s, of starts that were missed while no daemon worked %i is made up for',
  async (catchUp, count) => {
    project.write('rules/m.ts', ruleFile(`name: 'a', timeDelta: {hours: 1}`))
    const settings = {daemon: {catchUp}}
    const first = start(settings)
    await first.until(() => hasLogged(first, 'run done'))
    await stop(first)
    // An hour and a half ago: the start that was due half an hour ago was missed, the next one is half an hour away.
    const startedMs = Date.now() - 1.5 * hour
    changeState(
      `UPDATE rules SET record = json_set(record, '$.anchorMs', ?, '$.dueMs', ?)`,
      startedMs,
      startedMs + hour,
    )
    const next = start(settings)
    const due = (): number => {
      const {rules} = JSON.parse(project.inferno(['status', '--state', 'state', '--json']).stdout) as {
        rules: {nextDue: string}[]
      }
      return Date.parse(rules[0]!.nextDue)
    }
    await waitFor('the next start is ahead', () => due() > Date.now())
    expect(begins() - 1).toBe(count)
    await stop(next)
  },
)

test('daemon.historyDays: runs that are older go', async () => {
  project.write('rules/m.ts', ruleFile(`name: 'a', timeDelta: {seconds: 1}`))
  const first = start({daemon: {historyDays: 3}})
  await waitFor('two have run', () => begins() >= 3)
  await stop(first)
  const idsOf = (): number[] => {
    const {stdout} = project.inferno(['runs', '--state', 'state', '--json', '-c', '500'])
    return (JSON.parse(stdout) as {id: number}[]).map(({id}) => id)
  }
  const [oldest, second] = idsOf().sort((a, b) => a - b)
  changeState('UPDATE runs SET started_ms = ?, ended_ms = ? WHERE id = ?', 1, Date.now() - 4 * 24 * hour, oldest!)
  changeState('UPDATE runs SET ended_ms = ? WHERE id = ?', Date.now() - 2 * 24 * hour, second!)
  const next = start({daemon: {historyDays: 3}})
  await waitFor('the old one is gone', () => !idsOf().includes(oldest!))
  expect(idsOf()).toContain(second)
  await stop(next)
})

test('notify: mail, PagerDuty and the webhook of the settings are for rules that name none', async () => {
  const [hook, pager, mail] = [await httpService(), await httpService([202]), await mailService()]
  const wishes = `notifyOnFail: true, notifyAddresses: ['ops@example.com'], notifyPagerduty: true`
  project.write('rules/m.ts', ruleFile(`name: 'a', timeDelta: {weeks: 1}, ${wishes}`))
  project.write('outcome.txt', 'failed')
  project.write('pager-key', 'R0UTINGKEY\n')
  project.write('hook-url', `${hook.url}/hook`)
  project.shell('chmod 600 pager-key hook-url')
  const daemon = start({
    notify: {
      mailServer: mail.url.slice('smtp://'.length),
      mailFrom: 'Night Shift <night@example.com>',
      pagerdutyKey: `file:${project.path('pager-key')}`,
      pagerdutyUrl: `${pager.url}/events`,
      webhook: `file:${project.path('hook-url')}`,
      webhookFormat: 'slack',
    },
  })
  await waitFor('all are told', () => hook.posted.length > 0 && pager.posted.length > 0 && mail.mails.length > 0)
  await stop(daemon)
  expect(hook.posted).toEqual([{path: '/hook', body: {text: expect.stringContaining('the table is gone')}}])
  expect(pager.posted[0]).toMatchObject({
    path: '/events',
    body: {routing_key: 'R0UTINGKEY', event_action: 'trigger', dedup_key: 'inferno/m.a'},
  })
  const [{commands, text}] = mail.mails as [{commands: string[]; text: string}]
  expect(commands.filter(line => /^(MAIL|RCPT)/.test(line)).map(line => /<(.*?)>/.exec(line)?.[1])).toEqual([
    'night@example.com',
    'ops@example.com',
  ])
  expect(text).toMatch(/^From: Night Shift <night@example.com>$/m)
})
