import {describe, expect, it} from 'vitest'
import {where} from '../../../../src/rules/index.ts'
import {same} from './same.ts'

/** Texts of 0 to 40 bytes, some of them the beginning of others. */
const texts = Array.from({length: 41}, (_, length) => 'abcdefghij'.repeat(5).slice(0, length))

function linesOf(values: readonly unknown[], count: number): readonly string[] {
  return Array.from({length: count}, (_, index) => JSON.stringify({k: values[(index * 7) % values.length], n: index}))
}

describe('tables of few groups', () => {
  it('keep texts of all lengths apart', () => {
    const {runs} = same({valueParts: ['count', 'n']}, linesOf(texts, 2000))
    expect(runs).toHaveLength(1)
  })

  it('take numbers, truth values and absent keys as other tables do', () => {
    same({}, linesOf([1, '1', 1.5, '1.50', 1.5, true, 'true', null, '', undefined], 500))
  })

  it.each([63, 64, 65, 66, 128, 1000, 5000])(
    'of %i different keys are the same rows before and after they have many',
    count => {
      same(
        {valueParts: ['count', 'n']},
        linesOf(
          Array.from({length: count}, (_, index) => `key ${index}`),
          count * 3,
        ),
      )
    },
  )

  it('forget their groups when these are written out', () => {
    const values = Array.from({length: 60}, (_, index) => `key ${index}`)
    const {runs} = same({valueParts: ['count', 'n']}, linesOf(values, 60_000), {budgetBytes: 1})
    expect(runs[0]!.length).toBeGreaterThan(1)
  })

  it('take keys from CSV, with and without quotes', () => {
    const lines = [
      'k,n',
      ...texts.flatMap((text, index) => [`${text},${index}`, `"${text}",${index}`, `"a""${text}",1`]),
    ]
    same({format: 'csv', valueParts: ['count', 'n']}, lines, {isFirst: true})
  })

  it('stand beside tables of many groups and of conditions, more of them than have places', () => {
    const lines = Array.from({length: 3000}, (_, index) =>
      JSON.stringify({
        k: texts[index % 8],
        l: `l${index % 700}`,
        m: index % 3 === 0 ? null : `m${index % 5}`,
        n: index % 90,
      }),
    )
    const keysets = Object.fromEntries(
      [['k'], ['l'], ['m'], ['n'], ['k', 'l'], ['m', 'n'], ['n', 'k'], ['k']].map((keyParts, index) => [
        `t${index}`,
        {keyParts, valueParts: ['count', 'n'], ...(index === 7 ? {partsPreprocess: [where('n > 40')]} : {})},
      ]),
    )
    same({keyParts: undefined, valueParts: undefined, keysets} as never, lines)
  })
})
