/** Cron expressions by croner, reduced to one function from an instant to the next. */
import type {Cron} from 'croner'

export type CronClass = typeof Cron

/** Loads croner: only daemons that have a rule with a cron expression need it. */
export async function loadCron(): Promise<CronClass> {
  const {Cron} = await import('croner')
  return Cron
}

/**
 * The first time after an instant, on the clocks of a zone.
 *
 * Of a time of day that clocks skip or show twice: a single one (`30 2 * * *`) comes once, at the jump or at the first showing; one with
 * `*`, a list or a step comes as often as clocks show it. A result depends on nothing but the arguments.
 *
 * @returns undefined when it never comes again
 * @throws Error when the expression is not one; `cronError` of the rule language was asked before
 */
export function compileCron(
  cronClass: CronClass,
  expression: string,
  zone: string,
): (afterMs: number) => number | undefined {
  // Made anew for each question, of which there is one a run: croner's own object takes 80 KB, and there may be a thousand rules.
  const open = (): Cron => new cronClass(expression, {timezone: zone, mode: '5-part', paused: true})
  open()
  return afterMs => open().nextRun(new Date(afterMs))?.getTime()
}
