/** Hosts of URLs and networks of addresses, as src/rules/steps/transform-network.ts finds them. */
import type {Columns} from './columns.ts'
import {trimmedText} from './patterns.ts'
import type {Value} from './values.ts'

const scheme = '^(?:[A-Za-z][A-Za-z0-9+.-]{0,30}:)?//'
const hostCharsMax = 253
const addressCharsMax = 100

/** Without the blanks around it; empty for what is no text. */
function textOf(columns: Columns, {kind, text}: Value): string {
  return columns.cases([[`${kind} = 's'`, trimmedText(columns.dialect, text)]], "''")
}

/** Null for anything but text that is right; absent stays absent. */
function foundText(columns: Columns, value: Value, isFound: string, text: string): Value {
  const kind = columns.cases(
    [
      [`${value.kind} = ''`, "''"],
      [isFound, "'s'"],
    ],
    "'z'",
  )
  return {kind, text, isScalar: true}
}

/** Hosts beyond ASCII, and addresses in brackets, are unsure. */
export function urlHost(columns: Columns, value: Value, alive: string): Value {
  const {dialect} = columns
  const text = textOf(columns, value)
  const hasScheme = columns.add(`(${dialect.matches(text, scheme)})`)
  const authority = columns.add(dialect.extract(dialect.replaceAll(text, scheme, ''), '^([^/?#\\\\]*)', 1))
  const isMail = `NOT ${hasScheme} AND ${dialect.position(authority, "'@'")}`
  const hostAndPort = columns.add(dialect.replaceAll(authority, '^(?s:.*)@', ''))
  columns.unsureWhen(
    `${alive} AND (${value.kind} = 'x' OR ${dialect.startsWith(hostAndPort, "'['")} OR ${dialect.matches(hostAndPort, '[^\\x00-\\x7f]')})`,
  )
  const host = columns.add(`lower(${dialect.extract(hostAndPort, '^([^:]*?)\\.?(?::[0-9]{0,5})?$', 1)})`)
  const isName = `${dialect.matches(host, '^[a-z0-9_-]+(?:\\.[a-z0-9_-]+)*$')} AND length(${host}) <= ${hostCharsMax}`
  const isSure = `(${hasScheme} OR ${dialect.position(host, "'.'")} OR ${host} = 'localhost')`
  return foundText(columns, value, columns.add(`(NOT (${isMail}) AND ${isName} AND ${isSure})`), host)
}

const octet = '(?:0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])'
const ipv4 = `${octet}\\.${octet}\\.${octet}\\.${octet}`
const group = '[0-9A-Fa-f]{1,4}'
const half = `(?:${group}(?::${group})*)?`

/** Addresses of IPv6 that hold one of IPv4 in another way than `::ffff:192.0.2.7` are unsure. */
export function ipNetwork(columns: Columns, value: Value, alive: string): Value {
  const {dialect} = columns
  const trimmed = textOf(columns, value)
  const isLong = dialect.matches(value.text, `^(?s:.{${addressCharsMax + 1}})`)
  // Of characters that JavaScript counts twice there are none in an address, but there may be in the zone behind it.
  columns.unsureWhen(`${alive} AND (${value.kind} = 'x' OR ${dialect.matches(value.text, '[\\x{10000}-\\x{10ffff}]')})`)
  const text = columns.cases([[isLong, "''"]], trimmed)
  const address = columns.add(`lower(${dialect.extract(text, '^([^%]*)', 1)})`)
  const isV4 = columns.add(`(${dialect.matches(text, `^${ipv4}$`)})`)
  const isMapped = columns.add(`(${dialect.matches(address, `^::ffff:${ipv4}$`)})`)
  const isShort = columns.add(`(${dialect.matches(address, `^${half}::${half}$`)})`)
  const isWhole = dialect.matches(address, `^${group}(?::${group}){7}$`)
  const count = columns.add(dialect.elementCount(dialect.everyMatch(address, `(${group})`, 1)))
  const isV6 = columns.add(`(${isWhole} OR (${isShort} AND ${count} <= 7))`)
  const zeros = `repeat('0:', CASE WHEN ${count} <= 7 THEN 8 - ${count} ELSE 0 END)`
  const head = dialect.extract(address, `^(${half})::`, 1)
  const tail = dialect.replaceAll(address, `^${half}::`, '')
  const expanded = columns.cases(
    [[isShort, dialect.replaceAll(`concat(${head}, ':', ${zeros}, ${tail})`, '^:|:$', '')]],
    address,
  )
  const plain = columns.add(dialect.replaceAll(`concat(':', ${expanded})`, ':0+([0-9a-f])', ':\\1'))
  const at = (index: number): string => columns.add(dialect.extract(plain, `^(?::${group}){${index}}:(${group})`, 1))
  const [first, second, third] = [at(0), at(1), at(2)]
  const isOddMix = `${dialect.matches(address, `^[0-9a-f:]*:${ipv4}(?:::)?$|^${ipv4}::`)} AND NOT ${isMapped}`
  columns.unsureWhen(`${alive} AND ((${isOddMix}) OR (${isV6} AND ${dialect.matches(plain, '^(?::0){5}:ffff:')}))`)
  const network = columns.cases(
    [
      [isV4, dialect.replaceAll(text, '[0-9]+$', '0')],
      [isMapped, dialect.replaceAll(dialect.replaceAll(address, '^::ffff:', ''), '[0-9]+$', '0')],
      [`${third} <> '0'`, `concat(${first}, ':', ${second}, ':', ${third}, '::')`],
      [`${second} <> '0'`, `concat(${first}, ':', ${second}, '::')`],
      [`${first} <> '0'`, `concat(${first}, '::')`],
    ],
    "'::'",
  )
  return foundText(columns, value, columns.add(`(${isV4} OR ${isMapped} OR ${isV6})`), network)
}
