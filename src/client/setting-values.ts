/** Values of settings: what each kind allows, and how it is shown. */
import {engineText, parseBytes} from '../base/index.ts'
import {isReference} from './secret.ts'
import type {SettingRow} from './settings-table.ts'

export type SettingValue = string | number | boolean | Readonly<Record<string, unknown>>

/** What is wrong with a value: the end of "NAME: expected …". */
export class WrongValue extends Error {}

/**
 * @param value - as YAML gives it
 * @throws WrongValue
 */
export function checkedValue(row: SettingRow, value: unknown): SettingValue {
  switch (row.kind) {
    case 'integer':
      if (typeof value === 'number' && Number.isInteger(value) && isWithin(row, value)) return value
      throw new WrongValue(`expected ${rangeText(row)}`)
    case 'boolean':
      if (typeof value === 'boolean') return value
      throw new WrongValue('expected true or false')
    case 'choice':
      if (typeof value === 'string' && row.choices?.includes(value)) return value
      throw new WrongValue(`expected ${row.choices?.join(' or ')}`)
    case 'mapping':
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
      throw new WrongValue('expected names with values')
    case 'size':
      if ((typeof value === 'number' || typeof value === 'string') && parseBytes(String(value)) !== undefined)
        return String(value)
      throw new WrongValue('expected a size like 512MiB')
    case 'share':
      if ((typeof value === 'number' || typeof value === 'string') && isShare(String(value))) return String(value)
      throw new WrongValue('expected a number like 100 or a share like 0.5%')
    case 'engine':
      if (typeof value === 'string' && engineText.test(value)) return value
      throw new WrongValue('expected auto, row or clickhouse=ADDRESS')
    default:
      if (typeof value === 'string' && value.trim() !== '') return value
      throw new WrongValue('expected text')
  }
}

/**
 * @param text - of an environment variable
 * @throws WrongValue
 */
export function valueFromText(row: SettingRow, text: string): SettingValue {
  if (row.kind === 'integer') return checkedValue(row, /^\d+$/.test(text) ? Number(text) : text)
  if (row.kind === 'boolean') return checkedValue(row, booleanOf(text))
  return checkedValue(row, text)
}

const booleanOf = (text: string): boolean | string => {
  if (/^(?:1|true|yes|on)$/i.test(text)) return true
  return /^(?:0|false|no|off)$/i.test(text) ? false : text
}

const isShare = (text: string): boolean => /^(?:\d+|\d+(?:\.\d+)?%)$/.test(text.trim())

const isWithin = ({min = -Infinity, max = Infinity}: SettingRow, value: number): boolean => value >= min && value <= max

function rangeText({min, max}: SettingRow): string {
  if (min === undefined) return 'a whole number'
  return max === undefined ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`
}

/** Stands for what nobody shall see. */
export const hidden = '(hidden)'

/** Whether a value itself is to be kept from others: then it may not stand in a file that they can read. */
export function holdsSecret({kind}: SettingRow, value: unknown): boolean {
  if (typeof value !== 'string' || isReference(value)) return false
  if (kind === 'secret') return true
  return (kind === 'server' || kind === 'sink' || kind === 'engine') && shownAddress(value) !== value
}

/** A value for people and programs, without its secrets. */
export function shownValue(row: SettingRow, value: SettingValue): SettingValue {
  if (row.kind === 'mapping') return withoutSecretNames(value) as SettingValue
  if (!holdsSecret(row, value)) return value
  return row.kind === 'secret' ? hidden : shownAddress(String(value))
}

/** Password, what a query says of secrets, and the path of a webhook; `$NAME` only says where one stands. */
function shownAddress(text: string): string {
  const isWebhook = /^https?:/.test(text)
  return text
    .replace(/(\/\/[^/?#]*?:)([^/?#]+)(?=@)/, (all, before: string, password: string) =>
      isVariable(password) ? all : before + hidden,
    )
    .replace(/([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)([^&#]+)/gi, (all, before: string, value: string) =>
      isVariable(value) ? all : before + hidden,
    )
    .replace(isWebhook ? /^(https?:\/\/[^/?#]*\/)([^?#]+)/ : /$^/, (all, before: string, path: string) =>
      isVariable(path) ? all : before + hidden,
    )
}

const isVariable = (text: string): boolean => /^\$(?:\w+|\{\w+\})$/.test(text)

/** Parameters are the author's own: those are hidden whose name says what they are. */
function withoutSecretNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecretNames)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, secretName.test(name) ? hidden : withoutSecretNames(part)]),
  )
}

const secretName = /passw|passphrase|secret|token|credential|(?:api|private|access)_?key/i
