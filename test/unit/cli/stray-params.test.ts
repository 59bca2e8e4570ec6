import {expect, test} from 'vitest'
import {strayParamsText} from '../../../src/cli/stray-params.ts'
import {defineRule} from '../../../src/rules/index.ts'

const inner = defineRule({name: 'inner', keyParts: ['k'], params: {least: 1}} as never)
const outer = defineRule({name: 'outer', keyParts: ['k'], sourceTags: [inner], params: {zone: 'UTC'}} as never)

test('a parameter that is spelt much like a declared one is told, of inner rules too', () => {
  expect(strayParamsText([outer], ['lest=2', 'zone=UTC', 'zoen=UTC'])).toBe(
    '-P lest: no rule declares this parameter; is it "least"?\n-P zoen: no rule declares this parameter; is it "zone"?\n',
  )
})

test('any other name may be read by a hook', () => {
  expect(strayParamsText([outer], ['threshold=5', 'least=3'])).toBe('')
})
