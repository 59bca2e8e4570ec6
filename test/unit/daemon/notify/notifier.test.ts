import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {secretOf} from '../../../../src/client/index.ts'
import {
  type Notice,
  Notifier,
  type NotifyProblem,
  type NotifySettings,
  type NotifyWishes,
  Redactor,
} from '../../../../src/daemon/notify/index.ts'
import {httpService, mailService} from './stand-ins.ts'

const nowMs = Date.parse('2026-03-01T10:00Z')
const failure: Notice = {kind: 'failed', rule: 'm.a', run: 7, error: 'no table\nat all', retryAtMs: undefined, nowMs}
const success: Notice = {kind: 'succeeded', rule: 'm.a', run: 8, rowCount: 12, seconds: 1.25, nowMs}
const recovery: Notice = {...success, kind: 'recovered'}
const stale: Notice = {kind: 'stale', rule: 'm.a', lastSuccessMs: nowMs - 1000, nowMs}
const quiet: NotifyWishes = {isOnFail: false, isOnSuccess: false, addresses: [], isPagerduty: false}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'notify-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, {recursive: true})
})

interface Outcome {
  readonly problems: NotifyProblem[]
  readonly sleeps: number[]
}

async function send(
  notices: readonly Notice[],
  wishes: Partial<NotifyWishes>,
  settings: NotifySettings = {},
): Promise<Outcome> {
  const problems: NotifyProblem[] = []
  const sleeps: number[] = []
  const notifier = new Notifier({
    settings,
    onProblem: problem => problems.push(problem),
    sleep: async ms => {
      sleeps.push(ms)
    },
  })
  for (const notice of notices) await notifier.send(notice, {...quiet, ...wishes})
  await notifier.close(1000)
  return {problems, sleeps}
}

describe('a webhook', () => {
  test('gets facts as JSON', async () => {
    const {url, posted} = await httpService()
    const retryAtMs = nowMs + 1_800_000
    expect(await send([{...failure, retryAtMs}], {webhook: `${url}/hook`})).toEqual({problems: [], sleeps: []})
    expect(posted).toEqual([
      {
        path: '/hook',
        body: {
          source: 'inferno',
          kind: 'failed',
          rule: 'm.a',
          run: 7,
          at: '2026-03-01T10:00:00.000Z',
          error: 'no table\nat all',
          retryAt: '2026-03-01T10:30:00.000Z',
          text: expect.stringContaining('Job Status: m.a@7 failed [AUTO-RETRY IN 0.5 HOUR(s)]'),
        },
      },
    ])
  })

  test('for Slack gets nothing but a text', async () => {
    const {url, posted} = await httpService()
    await send([stale], {webhook: url, webhookFormat: 'slack'})
    expect(posted.map(({body}) => body)).toEqual([{text: expect.stringContaining('no success for too long')}])
  })

  test('hears of successes only when the rule wants that', async () => {
    const {url, posted} = await httpService()
    await send([success, recovery], {webhook: url})
    expect(posted.map(({body}) => body['kind'])).toEqual(['recovered'])
    await send([success], {webhook: url, isOnSuccess: true})
    expect(posted.map(({body}) => body['kind'])).toEqual(['recovered', 'succeeded'])
  })

  test('of the settings is for rules with notifyOnFail and none of their own', async () => {
    const {url, posted} = await httpService()
    const own = await httpService()
    await send([failure], {}, {webhook: url})
    expect(posted).toEqual([])
    await send([failure], {isOnFail: true}, {webhook: url})
    await send([failure], {isOnFail: true, webhook: own.url}, {webhook: url})
    expect([posted.length, own.posted.length]).toEqual([1, 1])
  })

  test('that is away for a moment is tried again, one that refuses is not', async () => {
    const shaky = await httpService([503, 429, 200])
    const result = await send([failure], {webhook: shaky.url})
    expect(result).toEqual({problems: [], sleeps: [1000, 5000]})
    const refusing = await httpService([403])
    const {problems} = await send([failure], {webhook: refusing.url})
    expect(refusing.posted).toHaveLength(1)
    expect(problems).toEqual([
      {channel: 'webhook', rule: 'm.a', kind: 'failed', message: expect.stringContaining('answered 403: said so')},
    ])
  })

  test('that is gone is a problem that is told, without its secret address', async () => {
    const {problems, sleeps} = await send([failure], {webhook: 'http://127.0.0.1:9/services/T0P/SECRET'})
    expect(sleeps).toEqual([1000, 5000])
    expect(problems[0]?.message).toContain('http://127.0.0.1:9 does not answer')
    expect(problems[0]?.message).not.toContain('SECRET')
  })
})

describe('PagerDuty', () => {
  const wishes: Partial<NotifyWishes> = {isPagerduty: true, pagerdutyKey: 'R0UTINGKEY'}

  test('gets an event that opens an incident of the rule, and one that closes it, without any mail', async () => {
    const {url, posted} = await httpService([202])
    await send([failure, recovery, success], wishes, {pagerdutyUrl: `${url}/v2/enqueue`})
    expect(posted.map(({body}) => body)).toEqual([
      {
        routing_key: 'R0UTINGKEY',
        dedup_key: 'inferno/m.a',
        event_action: 'trigger',
        payload: {
          summary: 'Job Status: m.a@7 failed',
          source: expect.any(String),
          severity: 'error',
          timestamp: '2026-03-01T10:00:00.000Z',
          component: 'm.a',
          custom_details: expect.objectContaining({error: 'no table\nat all', run: 7}),
        },
      },
      {routing_key: 'R0UTINGKEY', dedup_key: 'inferno/m.a', event_action: 'resolve'},
    ])
  })

  test('takes the key of the settings for rules without one, and says when there is none', async () => {
    const {url, posted} = await httpService()
    vi.stubEnv('PAGER_KEY', 'FROMENV')
    await send([failure], {isPagerduty: true}, {pagerdutyUrl: url, pagerdutyKey: 'env:PAGER_KEY'})
    expect(posted[0]?.body['routing_key']).toBe('FROMENV')
    const {problems} = await send([failure], {isPagerduty: true}, {pagerdutyUrl: url})
    expect(problems[0]?.message).toContain('there is no key')
  })
})

describe('mail', () => {
  const wishes: Partial<NotifyWishes> = {isOnFail: true, addresses: ['a@example.com', 'b@example.com']}

  test('of a failure has the error, and the note of a retry only when one follows', async () => {
    const {url, mails} = await mailService()
    const settings = {mailServer: url.slice('smtp://'.length), mailFrom: 'Inferno <i@example.com>'}
    const later: Notice = {...failure, retryAtMs: nowMs + 3_600_000}
    expect(await send([later, failure], wishes, settings)).toEqual({problems: [], sleeps: []})
    expect(mails.map(({text}) => /^Subject: (.*)$/m.exec(text)?.[1])).toEqual([
      'Job Status: m.a@7 failed [AUTO-RETRY IN 1 HOUR(s)]',
      'Job Status: m.a@7 failed',
    ])
    expect(mails[1]?.text).toContain('no table\nat all')
    const addressed = mails[0]?.commands
      .filter(line => /^(MAIL|RCPT)/.test(line))
      .map(line => /<(.*?)>/.exec(line)?.[1])
    expect(addressed).toEqual(['i@example.com', 'a@example.com', 'b@example.com'])
  })

  test('of a success is sent when the rule wants it', async () => {
    const {url, mails} = await mailService()
    await send([success], wishes, {mailServer: url})
    await send([success], {...wishes, isOnFail: false, isOnSuccess: true}, {mailServer: url})
    expect(mails.map(({text}) => /^Subject: (.*)$/m.exec(text)?.[1])).toEqual(['Job Status: m.a@8 done'])
  })

  test('that is refused is told, and keeps nothing else from being sent', async () => {
    const mail = await mailService({isRefusing: true})
    const hook = await httpService()
    const {problems} = await send([failure], {...wishes, webhook: hook.url}, {mailServer: mail.url})
    expect(problems).toEqual([expect.objectContaining({channel: 'mail', message: expect.stringContaining('550')})])
    expect(hook.posted).toHaveLength(1)
  })

  test('logs in with what stands in the address, which no message shows', async () => {
    const {url, mails} = await mailService()
    const server = url.replace('smtp://', 'smtp://inferno:p4ssw0rd@')
    const {problems} = await send([{...failure, error: 'p4ssw0rd is wrong'}], wishes, {mailServer: server})
    expect(problems).toEqual([])
    expect(mails[0]?.commands.some(line => line.startsWith('AUTH PLAIN'))).toBe(true)
    expect(mails[0]?.text).toContain('(hidden) is wrong')
  })
})

describe('secrets', () => {
  test('stand in the environment, in a file of 0600, or there', () => {
    vi.stubEnv('HOOK', 'from the environment')
    const file = join(folder, 'secret')
    writeFileSync(file, 'from a file\n', {mode: 0o600})
    expect([secretOf('env:HOOK'), secretOf(`file:${file}`), secretOf('plain')]).toEqual([
      'from the environment',
      'from a file',
      'plain',
    ])
  })

  test('in a file that others may read are refused, and so is what is not there', () => {
    const file = join(folder, 'secret')
    writeFileSync(file, 'x')
    chmodSync(file, 0o644)
    expect(() => secretOf(`file:${file}`)).toThrow(/others may read/)
    expect(() => secretOf(`file:${folder}/none`)).toThrow(/cannot read the secret/)
    expect(() => secretOf('env:NOT_THERE_AT_ALL')).toThrow(/has no NOT_THERE_AT_ALL/)
  })

  test('are taken out of texts, with the passwords and paths in them', () => {
    const redactor = new Redactor()
    redactor.add('https://user:hunter22@example.com/services/T000?key=abcdef')
    expect(redactor.redact('hunter22 at /services/T000 with example.com')).toBe('(hidden) at (hidden) with example.com')
  })
})

test('what is not sent at the end is said to be unsent', async () => {
  const {url} = await httpService([503])
  const notifier = new Notifier({
    settings: {},
    onProblem: () => undefined,
    sleep: (_, signal) => new Promise(resolve => signal.addEventListener('abort', () => resolve())),
  })
  const sent = notifier.send(failure, {...quiet, webhook: url})
  await notifier.close(50)
  expect(await sent).toBe(false)
})
