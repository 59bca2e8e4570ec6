/** What people are told, and who wants to hear it. */

/** Of a rule: what it says of notifications. */
export interface NotifyWishes {
  readonly isOnFail: boolean
  readonly isOnSuccess: boolean
  /** Of mail. */
  readonly addresses: readonly string[]
  readonly isPagerduty: boolean
  /** The key itself, or `env:NAME`, `file:PATH`. */
  readonly pagerdutyKey?: string | undefined
  /** The address itself, or `env:NAME`, `file:PATH`. */
  readonly webhook?: string | undefined
  readonly webhookFormat?: 'json' | 'slack' | undefined
}

/** Of the settings file: where notices go when a rule does not say. Secrets as in `NotifyWishes`. */
export interface NotifySettings {
  /** `HOST`, `HOST:PORT`, `smtp://USER:PASSWORD@HOST:PORT` or `smtps://…`. */
  readonly mailServer?: string | undefined
  readonly mailFrom?: string | undefined
  readonly pagerdutyKey?: string | undefined
  /** Of the Events API, version 2. */
  readonly pagerdutyUrl?: string | undefined
  /** For rules with notifyOnFail or notifyOnSuccess and no address of their own. */
  readonly webhook?: string | undefined
  readonly webhookFormat?: 'json' | 'slack' | undefined
}

interface RunFacts {
  readonly rule: string
  readonly run: number
  readonly nowMs: number
}

export type Notice =
  /** First failure since the last success, or the one after which no retry is left. */
  | (RunFacts & {
      readonly kind: 'failed' | 'gave-up'
      readonly error: string
      readonly retryAtMs: number | undefined
    })
  /** `recovered`: people were told of something before. */
  | (RunFacts & {readonly kind: 'recovered' | 'succeeded'; readonly rowCount: number; readonly seconds: number})
  | {
      readonly kind: 'stale'
      readonly rule: string
      readonly lastSuccessMs: number | undefined
      readonly nowMs: number
    }

/** One line. */
export function subjectOf(notice: Notice): string {
  switch (notice.kind) {
    case 'failed':
    case 'gave-up':
      return `Job Status: ${notice.rule}@${notice.run} failed${retryNote(notice)}`
    case 'recovered':
      return `Job Status: ${notice.rule}@${notice.run} works again`
    case 'succeeded':
      return `Job Status: ${notice.rule}@${notice.run} done`
    case 'stale':
      return `Job Status: ${notice.rule} has had no success for too long`
  }
}

/** The same with what there is to know, several lines. */
export function textOf(notice: Notice): string {
  switch (notice.kind) {
    case 'failed':
    case 'gave-up':
      return `${subjectOf(notice)}\n\n${notice.error}\n\nSee it with: inferno runs show ${notice.run}`
    case 'recovered':
    case 'succeeded':
      return `${subjectOf(notice)}\n\n${notice.rowCount} rows in ${notice.seconds.toFixed(1)} seconds`
    case 'stale': {
      const {lastSuccessMs} = notice
      const since = lastSuccessMs === undefined ? 'it never succeeded' : `the last one was ${isoText(lastSuccessMs)}`
      return `${subjectOf(notice)}: ${since}\n\nSee why with: inferno status`
    }
  }
}

export const isoText = (atMs: number): string => new Date(atMs).toISOString()

/** Only when a retry follows. */
function retryNote({retryAtMs, nowMs}: {readonly retryAtMs: number | undefined; readonly nowMs: number}): string {
  if (retryAtMs === undefined) return ''
  const hours = Math.round(((retryAtMs - nowMs) / 3_600_000) * 100) / 100
  return ` [AUTO-RETRY IN ${hours} HOUR(s)]`
}
