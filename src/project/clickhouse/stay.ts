/** Where the rows of a run on ClickHouse go: to another table of that server without leaving it, or back here first. */
import {type Rule, splitSink, subRulesOf} from '../../rules/index.ts'
import {clickhousePlace, type RowSink, type SinkTarget, type Staging} from '../../sinks/index.ts'

export type RowsWay =
  | {readonly type: 'stay'; readonly staging: Staging}
  /** `why` in words for a person; undefined where rows are printed, or kept in files here. */
  | {readonly type: 'back'; readonly why?: string}

export interface RowsOf {
  readonly rule: Rule
  readonly sink: RowSink | undefined
  /** `--result-tag` */
  readonly resultTag?: string | undefined
}

/** Asks the server what its tables are. @throws as `Staging.whyNot` */
export async function rowsWay({rule, sink, resultTag}: RowsOf, engine: SinkTarget): Promise<RowsWay> {
  if (sink === undefined) return {type: 'back'}
  const {staging} = sink
  if (staging === undefined) return {type: 'back', why: `${sink.name} is another database`}
  const why = whyNotServer(engine, staging.target) ?? whyNotRule(rule, resultTag) ?? (await staging.whyNot())
  return why === undefined ? {type: 'stay', staging} : {type: 'back', why}
}

/** For people. */
export function rowsWayText(way: RowsWay): string {
  if (way.type === 'stay') return `stay on the server, moved into the tables of ${way.staging.target.name}`
  return way.why === undefined ? 'come back here' : `come back here, because ${way.why}`
}

/**
 * Which way rows would go, as far as the rule tells: no server is asked.
 *
 * @param to - the sink of the settings, for a rule that names none
 */
export function possibleWayText(rule: Rule, to: string | undefined): string {
  const {sink = to} = rule.options
  const address = typeof sink === 'object' ? sink.to : sink
  const why = whyNotRule(rule, undefined)
  if (why !== undefined) return `come back here, because ${why}`
  if (address === undefined)
    return 'come back here, to be printed; with --to clickhouse://… of the same server they stay there'
  const scheme = splitSink(address)?.scheme
  if (scheme !== undefined && !['clickhouse', 'clickhouses', 'env', 'file'].includes(scheme)) {
    return `come back here, because ${scheme} is another database`
  }
  return 'stay on the server when it is the one of the sink, with the same user, and come back here when it is another'
}

function whyNotServer(engine: SinkTarget, sink: SinkTarget): string | undefined {
  const [there, to] = [clickhousePlace(engine), clickhousePlace(sink)]
  if (there.url !== to.url) return `the sink is at ${to.url} and the engine at ${there.url}`
  return there.user === to.user ? undefined : 'the sink names another user than the engine'
}

function whyNotRule(rule: Rule, resultTag: string | undefined): string | undefined {
  const {options} = rule
  const keysets = Object.values(options.keysets ?? {})
  if ([options, ...keysets].some(({partsPostprocess}) => (partsPostprocess ?? []).length > 0)) {
    return 'partsPostprocess runs here'
  }
  if (subRulesOf(rule).length > 0) return 'the rule reads the rows of other rules'
  const tag = resultTag ?? options.resultTag
  if (tag !== undefined) return `they are kept under the tag ${tag}, too`
  return options.save === true ? 'the rule says save, which keeps them here' : undefined
}
