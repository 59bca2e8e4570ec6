/** Stretches of several minutes: the text of a minute, its end set back to where the stretch began. */
import type {TransformNode} from '../plan.ts'
import {refuse, show} from './check-arguments.ts'

/** Stretches that divide the hour, and the ends of a minute's text that fall into each of theirs. */
const ends: Readonly<Record<number, readonly (readonly [pattern: string, beginning: string])[]>> = {
  5: [
    ['[0-4]$', '0'],
    ['[5-9]$', '5'],
  ],
  10: [['[0-9]$', '0']],
  15: [
    [':(?:0[0-9]|1[0-4])$', ':00'],
    [':(?:1[5-9]|2[0-9])$', ':15'],
    [':(?:3[0-9]|4[0-4])$', ':30'],
    [':(?:4[5-9]|5[0-9])$', ':45'],
  ],
  20: [
    [':[01][0-9]$', ':00'],
    [':[23][0-9]$', ':20'],
    [':[45][0-9]$', ':40'],
  ],
  30: [
    [':[0-2][0-9]$', ':00'],
    [':[3-5][0-9]$', ':30'],
  ],
}

/**
 * What follows `minute` to group by stretches: `2012-03-05T17:46` becomes `2012-03-05T17:45` for 5 and 15.
 *
 * Replacements of text, so that whatever runs a rule knows them already: kernel, row evaluator and SQL. No beginning falls into
 * another stretch, so their order does not matter.
 *
 * @param every - minutes: 5, 10, 15, 20 or 30
 * @throws UserError BAD_RULE for any other
 */
export function everyMinutes(every: number): TransformNode[] {
  const own = Object.hasOwn(ends, every) ? ends[every] : undefined
  if (own === undefined)
    refuse('minute', `every is ${show(every)}, expected one of ${Object.keys(ends).join(', ')} minutes`)
  return own.map(([pattern, replacement]) => ({transform: 'replace', pattern, replacement}))
}
