import {expect, test} from 'vitest'
import {caseOf, differenceOf} from './fuzz.ts'

const caseCount = 2500
const perTest = 125

test.each(Array.from({length: caseCount / perTest}, (_, index) => index * perTest + 1))(
  'random plans over dirty lines give what the row path gives, seeds from %i',
  first => {
    for (let seed = first; seed < first + perTest; seed++) {
      expect({seed, difference: differenceOf(caseOf(seed)).difference}).toEqual({seed, difference: undefined})
    }
  },
)
