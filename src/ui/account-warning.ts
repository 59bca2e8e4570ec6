/** What to say when a run made no rows: the most likely reason, and the next thing to try. */
import {printable} from '../base/index.ts'
import type {Account} from '../engine/index.ts'

interface Explanation {
  readonly reason: string
  readonly hint: string
}

const infer = 'inferno infer FILE shows what the file holds and suggests a rule'

/** What is said differently where the rule was made of flags. */
interface Words {
  readonly format: string
  readonly keys: string
  readonly steps: Explanation
  /** How one line is looked at. */
  readonly trace: string
}

const ofRule: Words = {
  format: `name the format of the input in the rule (csv, logfmt, combined-log …); ${infer}`,
  keys: `compare keyParts with the names in the data; ${infer}`,
  steps: {
    reason: 'partsPreprocess and where let no record pass',
    hint: 'see which step drops a record: inferno trace RULE --line 1',
  },
  trace: 'inferno trace RULE --line 1',
}

const ofQuery: Words = {
  format: `name the format of the input: --from csv, --from combined-log …; ${infer}`,
  keys: `compare -k with the names in the data; ${infer}`,
  steps: {
    reason: '--where, --since, --until or --explode lets no record pass',
    hint: `leave a part of them out; ${infer}`,
  },
  trace: 'head -1 FILE',
}

const badExplanations = ({format, trace}: Words): Readonly<Record<string, Explanation>> => ({
  'not JSON': {reason: 'the lines are not JSON', hint: format},
  'not an object': {reason: 'the lines are JSON, but not objects', hint: format},
  'not UTF-8': {reason: 'the input is not UTF-8 text', hint: 'convert it, for example with: iconv -f LATIN1 -t UTF-8'},
  'line too long': {
    reason: 'the lines are too long',
    hint: `is it a binary file, or one large JSON document? ${infer}`,
  },
  'not CSV': {reason: 'the input is not CSV', hint: format},
  'cell too long': {reason: 'the cells are too long', hint: `is it CSV, and is every quote closed? ${infer}`},
  'not logfmt': {reason: 'the lines are not logfmt', hint: format},
  'not an access log line': {reason: 'the lines are not those of an access log', hint: format},
  'no match': {reason: 'the pattern of the format matches no line', hint: `try it on one line: ${trace}`},
  'hook threw': {reason: 'a preprocessor threw on every record', hint: `see it happen: ${trace}`},
})

const filterExplanations = ({format, steps}: Words): Readonly<Record<string, Explanation>> => ({
  'no JSON object on the line': {reason: 'no line holds a JSON object', hint: format},
  preprocess: steps,
})

/**
 * Lines that say why there is nothing to show; none when records were used.
 *
 * The reason is the most frequent one; `key part missing` is told with the part that was missing most often.
 *
 * @param isQuery - there is no rule to be looked at, only flags
 */
export function emptyResultLines(account: Account, isQuery: boolean): string[] {
  if (account.used > 0) return []
  if (account.in === 0) return ['no rows: the input holds no records']
  const {reason, hint} = explanationOf(account, isQuery ? ofQuery : ofRule)
  return [`no rows, no record reached a group: ${reason}`, `  try: ${hint}`]
}

function explanationOf(account: Account, words: Words): Explanation {
  const [badReason, badCount] = most(account.badByReason)
  const [filterReason, filterCount] = most(account.filteredByReason)
  if (badCount >= filterCount) return badExplanations(words)[badReason] ?? {reason: printable(badReason), hint: infer}
  if (filterReason === 'key part missing') return missingPart(account, words)
  return filterExplanations(words)[filterReason] ?? {reason: printable(filterReason), hint: infer}
}

function missingPart({dropped}: Account, {keys}: Words): Explanation {
  const [part, count] = most(dropped)
  const name = printable(part.slice(part.indexOf('.') + 1))
  const reason = count > 0 ? `the key part "${name}" is missing or null` : 'a key part is missing or null'
  return {reason, hint: keys}
}

/** The largest count and its name. */
function most(counts: Readonly<Record<string, number>>): readonly [string, number] {
  return Object.entries(counts).reduce((best, entry) => (entry[1] > best[1] ? entry : best), ['', 0])
}
