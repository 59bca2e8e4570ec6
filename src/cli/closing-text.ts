/** The end of a run as a person reads it. */
import type {Delivered, RuleRun} from '../project/index.ts'
import {formatAccount, progressStyle} from '../ui/index.ts'
import type {SessionFlags} from './session-flags.ts'
import type {SessionResult} from './session-result.ts'

/** What standard error says after the rows: where they are, what was approximate, and the account. */
export function closingText(run: RuleRun, delivered: Delivered, result: SessionResult, flags: SessionFlags): string {
  const style = progressStyle({stream: process.stderr, isTty: process.stderr.isTTY === true, env: process.env})
  const approximations = Object.entries(delivered.estimates).map(([column, groupCount]) => ({
    column,
    method: 'HyperLogLog ±0.8 %',
    groupCount,
  }))
  const noZero = run.plan.keysets.flatMap(({name, values}) =>
    values.flatMap(node => (node.aggregate === 'sum' ? [] : [`${name}.${node.column}`])),
  )
  const lines: string[] = delivered.files.map(file => `wrote ${file}\n`)
  if (delivered.to === 'nowhere')
    lines.push('the rule says resultProcessor: null, so its rows go nowhere; --format shows them\n')
  const rowCount = Object.values(delivered.rowCounts).reduce((sum, count) => sum + count, 0)
  if (rowCount === 0 && delivered.to !== 'nowhere' && result.account.used > 0) lines.push('no rows: nothing matched\n')
  if (flags['bad-out'] !== undefined) lines.push(`bad records are in ${flags['bad-out']}\n`)
  const account = formatAccount(result.account, result, {
    color: style === 'screen',
    approximations,
    columnsWithoutZero: new Set(noZero),
    // Only a rule of a file says where it stands.
    isQuery: run.rule.definedAt === undefined,
  })
  return lines.join('') + account
}
