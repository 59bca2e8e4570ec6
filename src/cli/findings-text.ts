/** What a run found beside its rows, as lines below its account. */
import {groupDigits, printable} from '../base/index.ts'
import type {RuleFindings} from '../project/index.ts'

/** Inputs that are named; more are counted. */
const shownMax = 3

/** @param main - the rule that was asked for; lines of the rules among its sources say whose they are */
export function findingsText(findings: readonly RuleFindings[], main: string): string {
  return findings
    .flatMap(found => {
      const lines = [...unusedLines(found), ...repeatedLines(found), ...missingLines(found)]
      return found.rule === main ? lines : lines.map(line => line.replace(/^ */, indent => `${indent}${found.rule}: `))
    })
    .map(line => `${line}\n`)
    .join('')
}

function unusedLines({unusedInputs}: RuleFindings): string[] {
  if (unusedInputs === undefined) return []
  const lines = unusedInputs.named.slice(0, shownMax).map(({name, in: count, bad}) => {
    const why = [
      ...(bad > 0 ? [`${groupDigits(bad)} bad`] : []),
      ...(bad < count ? [`${groupDigits(count - bad)} filtered`] : []),
    ]
    return `no record of ${printable(name)} was used: ${why.join(', ')}`
  })
  const more = unusedInputs.count - lines.length
  if (more > 0) lines.push(`no record of ${groupDigits(more)} more ${more === 1 ? 'input' : 'inputs'} was used`)
  return [...lines, '  what is written in another way is for a run of its own']
}

function repeatedLines({repeatedNames}: RuleFindings): string[] {
  if (repeatedNames === undefined) return []
  const names = repeatedNames.names.map(name => JSON.stringify(name)).join(', ')
  return [printable(`the header of ${repeatedNames.input} has ${names} more than once (the last one counts)`)]
}

const missingLines = ({missingFields = []}: RuleFindings): string[] => missingFields.map(line => `  ${line}`)
