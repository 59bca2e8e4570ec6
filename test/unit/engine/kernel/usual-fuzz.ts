/**
 * As fuzz.ts, with lines that are alike, or almost: the kernel reads them by code that it makes for them.
 *
 * By itself a program: `node test/unit/engine/kernel/usual-fuzz.ts 20000 [first seed]`.
 */
import {type Random, seededRandom} from '../../../../src/base/index.ts'
import {type Case, jsonPaths, lineCase, supportedPlan, tryCases} from './fuzz.ts'

type MakeValue = (random: Random) => string

const letters = 'abcdefghijklmnopqrstuvwxyz ABC!#/.:é'
const someLetters = (random: Random, count: number): string =>
  Array.from({length: count}, () => letters[random.int(letters.length - 1)]!).join('')
const someDigits = (random: Random, count: number): string => String(random.int(10 ** count))

/** Values of one kind each, and how a line's differ. */
const kindsOfValues: readonly MakeValue[] = [
  random => `"${someLetters(random, random.int(12))}"`,
  random => `"${someLetters(random, 10 + random.int(60))}"`,
  random => `"${someLetters(random, random.int(200))}"`,
  random => `"k${random.int(5)}"`,
  random =>
    `"${random.pick(['München', 'a\\"b', 'x\\u00e9', 'plain', '\\/', '日本', 'so much text that it is long é'])}"`,
  random => someDigits(random, 1 + random.int(6)),
  random => someDigits(random, 1 + random.int(9)),
  random => `${random.int(100)}.${random.pick(['0', '5', '50', '500', '25', '125', '00', '3010'])}`,
  random => `${random.int(3)}.${random.pick(['0', '0000', '1250', '12345', '000001', '0000001'])}`,
  random => String(1_330_905_600_000 + random.int(1_000_000)),
  random => `${random.pick(['-', ''])}${random.int(50)}.5`,
  random => random.pick(['true', 'false']),
  random => random.pick(['true', 'false', 'null']),
  random => random.pick(['null', '"text"', '"7"']),
  random => random.pick(['null', '1', '{"x":1}', '[]', '"é"', 'true']),
  random => `{"x":${random.int(10)},"y":"${someLetters(random, 4)}"}`,
  random => `{"x":{"deep":"${someLetters(random, 3)}"},"n":[${random.int(9)},${random.int(99)}.5]}`,
  random => `[${Array.from({length: random.int(4)}, () => random.int(9)).join(',')}]`,
  random => random.pick(['{}', '{"y":1}', '{"x":1,"x":2}']),
]

/** What a byte may be confused with. */
const bytes = Buffer.from('{}[]:,"\\ \t\r\n0159-+.eEtfnlux\u0000\u0001\u001f\u007fé')

function oneByteOff(random: Random, line: Uint8Array): Uint8Array {
  const at = random.int(line.length)
  const [before, rest] = [line.subarray(0, at), line.subarray(at)]
  const byte = Uint8Array.of(bytes[random.int(bytes.length)]!)
  switch (random.int(4)) {
    case 0:
      return Buffer.concat([before, rest.subarray(1)])
    case 1:
      return Buffer.concat([before, byte, rest])
    case 2:
      return before
    default:
      return Buffer.concat([before, byte, rest.subarray(1)])
  }
}

export function usualCaseOf(seed: number): Case {
  const random = seededRandom(seed)
  const offShare = random.pick([0, 0.005, 0.03, 0.15])
  const missingShare = random.pick([0, 0, 0.02])
  const [comma, colon] = random.pick([
    [',', ':'],
    [', ', ': '],
  ])
  const names = jsonPaths.filter(name => name !== 'ü' || random.int(10) === 0)
  const members = Array.from(
    {length: 1 + random.int(random.pick([9, 9, 40]))},
    () => [random.pick(names), random.pick(kindsOfValues)] as const,
  )
  const isDoubled = random.int(8) === 0
  const own = isDoubled ? members : [...new Map(members)]
  const line = (): Uint8Array => {
    const kept = own.filter(() => random.next() >= missingShare)
    const text = kept.map(([name, value]) => `${JSON.stringify(name)}${colon}${value(random)}`).join(comma)
    const whole = Buffer.from(`{${text}}`)
    return random.next() < offShare ? oneByteOff(random, whole) : whole
  }
  const given = lineCase(random, supportedPlan(random, 'json', jsonPaths), line, random.pick([40, 150, 400]))
  // By code, or by a table as lines of many values are.
  return {...given, input: {...given.input, usualBytes: 0, codeValues: random.pick([0, 32])}}
}

if (import.meta.main) tryCases(usualCaseOf, Number(process.argv[2] ?? 20_000), Number(process.argv[3] ?? 1))
