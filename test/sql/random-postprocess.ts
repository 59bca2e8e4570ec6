/** Random postprocessors: what they see, and what may become of a row. */
import type {Random} from '../../src/base/index.ts'
import type {Postprocess} from '../../src/rules/index.ts'

/** `number`, `bigint` … of each value, and whether it is a decimal. */
const typesOf = (values: readonly unknown[]): string =>
  values
    .map(value => (value !== null && typeof value === 'object' && 'coefficient' in value ? 'decimal' : typeof value))
    .join()

const postprocessors: readonly Postprocess[] = [
  function* told(key, values) {
    yield [key, [...values, typesOf(values)]]
  },
  function* rare(key, values) {
    if (Number(values[0]) > 1) yield [key, values]
  },
  function* moved([keyset, ...key], values) {
    yield [['other', ...key], values.slice(1)]
    yield [[keyset ?? '', ...key.map(part => part.toUpperCase())], values]
  },
  function* picky(key, values) {
    yield [key, [null]]
    if (String(key[1]).includes('1')) throw new RangeError(`will not have ${key[1]}`)
    yield [key, values]
  },
  function* share(key, values, {p}) {
    yield [key, values.map(value => (typeof value === 'number' ? value / Number(p) : value))]
  },
]

/** Nothing for most keysets. */
export function somePostprocess(random: Random): {readonly partsPostprocess?: readonly Postprocess[]} {
  if (random.int(4) > 0) return {}
  return {partsPostprocess: Array.from({length: 1 + random.int(2)}, () => random.pick(postprocessors))}
}
