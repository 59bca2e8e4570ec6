/** A query to begin with, as a person would type it. */
import type {Inference} from './infer-file.ts'

/** More columns are no longer a first look. */
const keyCountMax = 2

/** @returns undefined where nothing suggests itself, or names are odd for a shell or for flags */
export function firstQuery({
  file,
  fields,
  keys,
  values,
  wrapped,
}: Pick<Inference, 'fields' | 'keys' | 'values' | 'wrapped'> & {readonly file: string}): string | undefined {
  const time = fields.find(({role, nullShare}) => role === 'time' && nullShare < 0.5)
  const groupBy = keys.length > 0 ? keys.slice(0, keyCountMax) : time === undefined ? [] : [`hour(${time.name})`]
  if (groupBy.length === 0) return undefined
  const counted = ['count', ...values.filter(name => name !== 'count').slice(0, 1)]
  const named = [...wrapped, ...groupBy, ...counted]
  if (!named.every(name => /^(?:hour\()?[\w.@]+\)?$/.test(name)) || !/^[\w./@+=:,-]+$/.test(file)) return undefined
  const keysText = groupBy.join(',')
  const parts = [
    'inferno query',
    ...wrapped.map(field => `--parse-json ${field}`),
    `-k ${keysText.includes('(') ? `'${keysText}'` : keysText}`,
    `-v ${counted.join(',')}`,
    file.startsWith('-') ? `./${file}` : file,
  ]
  return parts.join(' ')
}
