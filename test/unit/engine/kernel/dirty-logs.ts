/** Random lines of access logs and logfmt, from clean to broken, for comparing the kernel with the row path. */
import type {Random} from '../../../../src/base/index.ts'
import {badNumbers, chance, meanings, mutated, numbers, oddNumbers, type Taste, texts} from './dirty-data.ts'

/** Fields of access logs; those that conditions and transforms are about come first. */
export const accessLogPaths = [
  ...['status', 'path', 'host', 'time', 'bytes', 'user', 'method', 'request', 'referer', 'agent'],
  ...['extra', 'ident', 'protocol', 'missing', 'host.x', '__proto__'],
]

/** Lines of one input look alike: each field has some values of its own. */
export function someAccessLog(random: Random, taste: Taste, isCombined: boolean): () => Uint8Array {
  const odd = (plain: readonly string[], strange: readonly string[]): string[] =>
    Array.from({length: 1 + random.int(5)}, () => random.pick(chance(random, taste.oddness) ? strange : plain))
  const hosts = odd(['10.2.3.4', '::1', 'example.com'], ['-', '', 'a b', 'ü', 'h\u0002', ' x', '"', '[x]', 'x\u00a0y'])
  const idents = odd(['-'], ['joe', '', '- ', '\u2028', '-]'])
  const users = odd(['-', 'frank'], ['', 'a b', ' ', 'Frank Ü', 'x]', 'a  b', '- -', '"q"'])
  const times = odd(
    ['10/Oct/2000:13:55:36 -0700', '2012-03-05T17:46:02Z', '1330905600'],
    ['', '-', 'x[y', 'x]y', ' 10/Oct/2000:13:55:36 -0700 '],
  )
  const requests = odd(
    ['GET /a?b=c HTTP/1.1', 'POST / HTTP/2', 'GET /a b HTTP/1.0'],
    [
      ...[
        '-',
        '',
        ' ',
        'GET',
        'GET /',
        'GET  HTTP/1.1',
        'GET  / HTTP/1.1',
        'GET / HTTP/',
        'GET /  HTTP/1.1',
        'G(T / HTTP/1.1',
      ],
      ...[
        'GET / HTTP/1.1 ',
        'GET / http/1.1',
        'GET / HTTP/1.x',
        '\\x16\\x03',
        'GET /\\" HTTP/1.1',
        'GET /\\',
        'GET /ü HTTP/1.1',
      ],
      ...[
        'GET /x HTTP/1.1 HTTP/1.0',
        '- / HTTP/1',
        'M-SEARCH * HTTP/1.1',
        'GET /\t HTTP/1.1',
        ' GET / HTTP/1.1',
        'GET / HTTP/.',
      ],
    ],
  )
  const statuses = odd(
    ['200', '404', '-'],
    ['0', '007', '-1', '', '2 0', '999999999999999', '1234567890123456', '2.5', '--'],
  )
  const sizes = odd(['1234', '0', '-'], ['00', '1e3', ' ', '12345678901234567', '5x'])
  const agents = odd(
    ['Mozilla/5.0 (X11; Linux) like Gecko', '-', 'curl'],
    ['', '\\"x\\"', 'ü', '\\', 'a\\x41', '- ', 'tab\t'],
  )
  const extras = odd([''], [' ', ' x', ' "x" 1.5', '  - ', 'x', ' ü', '\u00a0', ' "'])
  return () => {
    const blank = (): string => (chance(random, taste.oddness * 0.02) ? random.pick(['', '  ', '\t']) : ' ')
    const head = `${random.pick(hosts)}${blank()}${random.pick(idents)}${blank()}${random.pick(users)}${blank()}[${random.pick(times)}]${blank()}`
    const middle = `"${random.pick(requests)}"${blank()}${random.pick(statuses)}${blank()}${random.pick(sizes)}`
    const tail = isCombined ? `${blank()}"${random.pick(agents)}"${blank()}"${random.pick(agents)}"` : ''
    return finished(random, head + middle + tail + random.pick(extras), taste)
  }
}

export const logfmtPaths = [
  ...['level', 'msg', 'n', 'at', 'price', 'a.b', 'dur', 'a', 'missing', '__proto__', 'ü'],
  'long_key_name_of_more_than_sixteen_bytes',
]

export function someLogfmt(random: Random, taste: Taste): () => Uint8Array {
  const shapes = Array.from({length: 1 + random.int(3)}, () =>
    Array.from({length: random.int(8)}, () => ({
      key: chance(random, 0.7) ? random.pick(logfmtPaths) : random.pick(['x', 'path', 'y.z', '', '日', '[x]']),
      values: Array.from({length: 1 + random.int(5)}, () => someValue(random, taste)),
    })),
  )
  return () => {
    const pairs = random
      .pick(shapes)
      .filter(() => !chance(random, taste.oddness * 0.2))
      .map(({key, values}) => (chance(random, taste.oddness * 0.05) ? key : `${key}=${random.pick(values)}`))
    if (pairs.length > 1 && chance(random, taste.oddness * 0.2)) pairs.reverse()
    if (pairs.length > 0 && chance(random, taste.oddness * 0.1)) pairs.push(random.pick(pairs))
    if (chance(random, taste.oddness * 0.1))
      pairs.splice(random.int(pairs.length + 1), 0, random.pick(['debug', '=', 'x"', '""']))
    const blank = (): string =>
      chance(random, taste.oddness * 0.1) ? random.pick(['  ', '\t', '\r', '\u0000', '\u00a0']) : ' '
    const line = pairs.map((pair, index) => (index === 0 ? pair : blank() + pair)).join('')
    return finished(random, chance(random, taste.oddness * 0.1) ? `${blank()}${line}${blank()}` : line, taste)
  }
}

function someValue(random: Random, {oddness, brokenness}: Taste): string {
  const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  if (chance(random, brokenness * 0.1)) return random.pick(['"open', '"x"y', '"\\"', '"a\nb"', '"\\u12"', '"'])
  if (chance(random, oddness))
    return random.pick([
      ...[
        '""',
        '"a\\nb"',
        '"\\u00e9"',
        '"\\ud83d\\ude00"',
        '"\\ud800"',
        '"\\x41"',
        '"\\u0001"',
        '"a\tb"',
        '"a\u0001b"',
      ],
      ...['x"y', 'a=b', '=', '', "'x y'", '{"a":1}', 'ü', '\u007f', random.pick(oddNumbers), random.pick(badNumbers)],
    ])
  if (chance(random, 0.5)) return random.pick(numbers)
  const text = random.pick(chance(random, 0.3) ? meanings : texts)
  return /[\s"]/.test(text) || chance(random, 0.3) ? quoted(text) : text
}

function finished(random: Random, line: string, {oddness, brokenness}: Taste): Uint8Array {
  if (chance(random, oddness * 0.05)) return Buffer.from(random.pick(['', ' ', '\r', 'x', '# comment', '\u00a0', '-']))
  const bytes = Buffer.from(line)
  return chance(random, brokenness) ? mutated(random, bytes) : bytes
}
