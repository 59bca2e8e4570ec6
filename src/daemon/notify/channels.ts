/** The ways a notice goes out: mail, PagerDuty, a webhook. */
import {hostname} from 'node:os'
import {UserError} from '../../base/index.ts'
import {secretOf} from '../../client/index.ts'
import {postJson} from './http.ts'
import {sendMsMax, summaryCharsMax} from './limits.ts'
import {isoText, type Notice, type NotifySettings, type NotifyWishes, subjectOf, textOf} from './notice.ts'
import type {Redactor} from './secret.ts'

export interface Channel {
  readonly name: 'mail' | 'pagerduty' | 'webhook'
  /** @throws UserError for what a person must change, anything else for what may mend itself */
  send(signal: AbortSignal): Promise<void>
}

/**
 * Where a notice goes. Each way is independent of the others.
 *
 * A webhook or PagerDuty hears of failures because the rule has it; mail and the webhook of the settings when the rule has
 * `notifyOnFail`. Of each success only who asked for it (`notifyOnSuccess`).
 */
export function channelsFor(
  notice: Notice,
  wishes: NotifyWishes,
  settings: NotifySettings,
  redactor: Redactor,
): Channel[] {
  const isWanted = notice.kind === 'succeeded' ? wishes.isOnSuccess : wishes.isOnFail
  const wantsGood = notice.kind === 'recovered' && wishes.isOnSuccess
  const channels: Channel[] = []
  if ((isWanted || wantsGood) && wishes.addresses.length > 0) {
    channels.push({name: 'mail', send: () => sendMail(notice, wishes.addresses, settings, redactor)})
  }
  if (wishes.isPagerduty && notice.kind !== 'succeeded') {
    channels.push({name: 'pagerduty', send: signal => sendPagerduty(notice, wishes, settings, redactor, signal)})
  }
  const own = notice.kind === 'succeeded' && !wishes.isOnSuccess ? undefined : wishes.webhook
  const address = own ?? (isWanted || wantsGood ? settings.webhook : undefined)
  if (address !== undefined) {
    const format = (own === undefined ? settings.webhookFormat : wishes.webhookFormat) ?? 'json'
    channels.push({name: 'webhook', send: signal => sendWebhook(notice, address, format, redactor, signal)})
  }
  return channels
}

async function sendWebhook(
  notice: Notice,
  address: string,
  format: 'json' | 'slack',
  redactor: Redactor,
  signal: AbortSignal,
): Promise<void> {
  const url = secretOf(address)
  redactor.add(url)
  const text = redactor.redact(textOf(notice))
  const body = format === 'slack' ? {text} : {source: 'inferno', ...factsOf(notice, redactor), text}
  await postJson(url, body, signal)
}

const pagerdutyUrl = 'https://events.pagerduty.com/v2/enqueue'

async function sendPagerduty(
  notice: Notice,
  wishes: NotifyWishes,
  settings: NotifySettings,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<void> {
  const key = wishes.pagerdutyKey ?? settings.pagerdutyKey
  if (key === undefined) {
    throw new UserError(
      'BAD_SETTING',
      'there is no key: neither notifyPagerdutyKey of the rule nor notify.pagerdutyKey of the settings',
    )
  }
  const routingKey = secretOf(key)
  redactor.add(routingKey)
  // One incident a rule: failures add to it, a success closes it.
  const event = {routing_key: routingKey, dedup_key: `inferno/${notice.rule}`}
  const body =
    notice.kind === 'recovered'
      ? {...event, event_action: 'resolve'}
      : {
          ...event,
          event_action: 'trigger',
          payload: {
            summary: redactor.redact(subjectOf(notice)).slice(0, summaryCharsMax),
            source: hostname(),
            severity: notice.kind === 'stale' ? 'warning' : 'error',
            timestamp: isoText(notice.nowMs),
            component: notice.rule,
            custom_details: {...factsOf(notice, redactor), text: redactor.redact(textOf(notice))},
          },
        }
  await postJson(settings.pagerdutyUrl ?? pagerdutyUrl, body, signal)
}

/** What programs look at. */
function factsOf(notice: Notice, redactor: Redactor): Record<string, unknown> {
  const {kind, rule, nowMs} = notice
  const at = isoText(nowMs)
  switch (notice.kind) {
    case 'failed':
    case 'gave-up': {
      const retryAt = notice.retryAtMs === undefined ? null : isoText(notice.retryAtMs)
      return {kind, rule, run: notice.run, at, error: redactor.redact(notice.error), retryAt}
    }
    case 'recovered':
    case 'succeeded':
      return {kind, rule, run: notice.run, at, rows: notice.rowCount, seconds: notice.seconds}
    case 'stale': {
      const lastSuccess = notice.lastSuccessMs === undefined ? null : isoText(notice.lastSuccessMs)
      return {kind, rule, at, lastSuccess}
    }
  }
}

const defaultFrom = 'Inferno Daemon <inferno@localhost.localdomain>'

async function sendMail(
  notice: Notice,
  addresses: readonly string[],
  settings: NotifySettings,
  redactor: Redactor,
): Promise<void> {
  const [{createTransport}, server] = [await import('nodemailer'), mailServerOf(settings.mailServer, redactor)]
  const transport = createTransport({
    ...server,
    connectionTimeout: sendMsMax,
    greetingTimeout: sendMsMax,
    socketTimeout: sendMsMax,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({
      from: settings.mailFrom ?? defaultFrom,
      to: [...addresses],
      subject: redactor.redact(subjectOf(notice)),
      text: redactor.redact(textOf(notice)),
    })
  } finally {
    transport.close()
  }
}

interface MailServer {
  readonly host: string
  readonly port: number
  readonly secure: boolean
  readonly auth?: {readonly user: string; readonly pass: string}
  readonly tls?: {readonly rejectUnauthorized: boolean}
}

/** @throws UserError BAD_SETTING when it stands somewhere that cannot be read */
function mailServerOf(setting: string | undefined, redactor: Redactor): MailServer {
  const text = secretOf(setting ?? 'localhost')
  const url = new URL(/^smtps?:\/\//.test(text) ? text : `smtp://${text}`)
  const isSecure = url.protocol === 'smtps:'
  const host = url.hostname
  const server = {host, port: Number(url.port || (isSecure ? 465 : 25)), secure: isSecure}
  // A mail server on this machine has a certificate that it made itself, if any.
  const isLocal = /^(localhost|127\.|\[::1\])/.test(host)
  const local = isLocal ? {...server, tls: {rejectUnauthorized: false}} : server
  if (url.username === '') return local
  redactor.add(text)
  return {...local, auth: {user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password)}}
}
