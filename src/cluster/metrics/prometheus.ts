/**
 * The text format of Prometheus, version 0.0.4. Pure.
 *
 * Names are `disco_…` in base units (seconds, bytes), counters end in `_total`; a family has one line of help and one of type,
 * and no two samples of it the same labels.
 */
import {assert} from '../../base/index.ts'

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  /** One line. */
  readonly help: string
  readonly samples: readonly Sample[]
}

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

/** Families without samples are left out: nothing is known is not the same as nothing is there. */
export function prometheusText(families: readonly Family[]): string {
  return families
    .filter(family => family.samples.length > 0)
    .map(familyText)
    .join('')
}

function familyText({name, type, help, samples}: Family): string {
  assert(/^[a-z_][a-z0-9_]*$/.test(name), `${name} can be the name of a metric`)
  assert((type === 'counter') === name.endsWith('_total'), `${name} ends in _total if it is a counter`)
  const lines = samples.map(({labels = {}, value}) => `${name}${labelsText(labels)} ${valueText(value)}\n`)
  return `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

const escaped = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')

function valueText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}
