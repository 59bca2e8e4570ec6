/** Clean lines with many different values, which fill what groups hold: sets, sketches and lists. */
import type {Random} from '../../../../src/base/index.ts'

const long = 'a beginning that fills more than a vector, then '

/** A line without its end: the members that plans ask for, each with a value of its own kind. */
export function someRecord(random: Random): Uint8Array {
  const decimal = (): number =>
    Number((random.next() * 10 ** random.int(7) * random.pick([1, 1, -1])).toFixed(random.int(5)))
  const time = (): string => new Date(1.7e12 + random.int(1e9)).toISOString()
  const text = (): string =>
    random.pick([`s${random.int(300)}`, `${long}${random.int(100)}`, time(), `é${random.int(30)}`])
  const record = {
    a: random.pick([`g${random.int(3)}`, 'g', text()]),
    b: random.pick<unknown>([text(), time(), random.int(1000), true]),
    n: decimal(),
    u: {x: random.int(500), y: text()},
    price: random.int(10) === 0 ? random.int(2 ** 40) : decimal(),
  }
  return Buffer.from(JSON.stringify(record))
}
