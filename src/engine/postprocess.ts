/** Result rows through the postprocess chain of their keyset (spec 7.4), lazily, row by row. */
import {excerptOf, messageOf, UserError} from '../base/index.ts'
import type {Params, Plan, Postprocess, Totals} from '../rules/index.ts'
import {countHookError, recordJson} from './account.ts'
import {hookLabel, type ResolveFunction} from './chain.ts'
import type {Account, ResultRow} from './contracts.ts'
import {keyTextOf} from './numbers/index.ts'
import {cellOf} from './pairs/cells.ts'
import {isFatal} from './pairs/hook-failure.ts'

export interface PostprocessOptions {
  readonly plan: Plan
  readonly params: Params
  readonly resolve: ResolveFunction
  /** Counts rows that a postprocessor threw at. */
  readonly account: Account
}

interface Link {
  readonly hook: string
  readonly run: Postprocess
}

type Yielded = readonly [key: string[], values: Totals]

/**
 * An error costs the row from that point on: what its chain yielded before stays, the next row goes on.
 *
 * @throws UserError BAD_RULE when a postprocessor gives something that cannot be rows: it would do so for every row
 */
export function postprocessed(rows: Iterable<ResultRow>, options: PostprocessOptions): Iterable<ResultRow> {
  const chains = chainsOf(options)
  return chains.size === 0 ? rows : processedRows(rows, chains, options)
}

function* processedRows(
  rows: Iterable<ResultRow>,
  chains: ReadonlyMap<string, readonly Link[]>,
  options: PostprocessOptions,
): Generator<ResultRow, void> {
  for (const row of rows) {
    const chain = chains.get(row.keyset)
    if (chain === undefined) yield row
    else yield* processedRow(row, chain, options)
  }
}

/** Keysets with postprocessors; sortedReduce stands for a reduce without hooks. */
function chainsOf({plan, resolve}: PostprocessOptions): Map<string, readonly Link[]> {
  const chains = new Map<string, readonly Link[]>()
  if (plan.reduce === 'sorted') return chains
  for (const {name, postprocess} of plan.keysets) {
    const links = postprocess.map(ref => ({hook: hookLabel(ref), run: resolve(ref) as unknown as Postprocess}))
    if (links.length > 0) chains.set(name, links)
  }
  return chains
}

function* processedRow(
  row: ResultRow,
  chain: readonly Link[],
  {plan, params, account}: PostprocessOptions,
): Generator<ResultRow, void> {
  try {
    for (const [key, values] of applyChain(chain, [[row.keyset, ...row.key], [...row.values]], params)) {
      const [keyset = row.keyset, ...rest] = key
      // Values may have been moved: which of them are estimates is known only while they stand where they stood.
      const approximate = row.approximate.filter(index => values[index] === row.values[index])
      yield {keyset, key: rest, values, approximate}
    }
  } catch (error) {
    const excerpt = excerptOf(recordJson([row.keyset, ...row.key]))
    if (!(error instanceof LinkError)) throw withRow(error, plan.rule, excerpt)
    const sample = {reason: 'hook threw', file: '(result row)', line: 0, excerpt}
    countHookError(account, error.hook, excerptOf(messageOf(error.cause)), sample)
  }
}

/** A rule that is wrong shows on its first row: say on which. Rows come of all input, so there is no file to name. */
function withRow(error: unknown, rule: string, excerpt: string): unknown {
  if (!(error instanceof UserError) || error.code !== 'BAD_RULE') return error
  return new UserError(error.code, `${rule}: ${error.message}, the one with this key:\n  ${excerpt}`, {
    cause: error,
    ...(error.hint === undefined ? {} : {hint: error.hint}),
  })
}

function* applyChain([link, ...rest]: readonly Link[], pair: Yielded, params: Params): Generator<Yielded, void> {
  if (link === undefined) {
    yield pair
    return
  }
  for (const next of yieldedBy(link, pair, params)) yield* applyChain(rest, next, params)
}

/** What one postprocessor makes of a row, each copied as it is yielded: it may change its lists and yield them again. */
function* yieldedBy({hook, run}: Link, [key, values]: Yielded, params: Params): Generator<Yielded, void> {
  const results = attempt(hook, () => iteratorOf(run(key, values, params), hook))
  for (;;) {
    const next = attempt(hook, () => results.next())
    if (next.done) return
    yield copyPair(next.value, hook)
  }
}

/** Tells what a postprocessor throws from what the reader of its rows throws. */
class LinkError extends Error {
  override readonly name = 'LinkError'
  readonly hook: string
  constructor(hook: string, cause: unknown) {
    super('a postprocessor threw', {cause})
    this.hook = hook
  }
}

function attempt<T>(hook: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw isFatal(error) ? error : new LinkError(hook, error)
  }
}

function iteratorOf(result: unknown, hook: string): Iterator<unknown> {
  if (typeof result === 'object' && result !== null && Symbol.iterator in result) {
    return (result as Iterable<unknown>)[Symbol.iterator]()
  }
  throw badResult(hook, result === undefined ? 'nothing' : `a ${typeof result}`)
}

function copyPair(pair: unknown, hook: string): Yielded {
  if (!Array.isArray(pair) || !Array.isArray(pair[0]) || !Array.isArray(pair[1])) {
    throw badResult(hook, 'something that is no [key, values]')
  }
  return [pair[0].map(keyCell), pair[1].map(cellOf)]
}

function keyCell(part: unknown): string {
  return part === null || part === undefined ? '' : keyTextOf(part)
}

function badResult(hook: string, what: string): UserError {
  return new UserError('BAD_RULE', `${hook} gave ${what} for a row`, {
    hint: 'write it as function* (key, values, params) and yield [key, values], both lists; yield nothing to drop the row',
  })
}
