import {groupDigits, printable} from '../base/index.ts'
import type {Account} from '../engine/index.ts'
import type {RuleRun} from '../project/index.ts'

/** Files that are named; more are counted. */
const shownMax = 3

/** Lines below the account for inputs that gave nothing while others did, or nothing: where none did, other lines say why. */
export function unusedFilesText({unusedFiles}: Pick<RuleRun, 'unusedFiles'>, {used}: Pick<Account, 'used'>): string {
  if (unusedFiles === undefined || used === 0) return ''
  const lines = unusedFiles.named.slice(0, shownMax).map(({name, in: count, bad}) => {
    const why = [
      ...(bad > 0 ? [`${groupDigits(bad)} bad`] : []),
      ...(bad < count ? [`${groupDigits(count - bad)} filtered`] : []),
    ]
    return `no record of ${printable(name)} was used: ${why.join(', ')}`
  })
  const more = unusedFiles.count - lines.length
  if (more > 0) lines.push(`no record of ${groupDigits(more)} more ${more === 1 ? 'file' : 'files'} was used`)
  if (lines.length > 0) lines.push('  what is written in another way is for a run of its own')
  return lines.map(line => `${line}\n`).join('')
}
