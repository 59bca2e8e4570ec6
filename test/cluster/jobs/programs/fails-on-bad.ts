/** Fails at the line that says "bad". */
import {defineJob} from 'disco-inferno'

export default defineJob({
  name: 'fails-on-bad',
  map(line) {
    if (line.includes('bad')) throw new Error('this line cannot be')
    return [[line, 1] as [string, number]]
  },
  limits: {failures: 2},
})
