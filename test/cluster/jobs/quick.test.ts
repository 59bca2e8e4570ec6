/** One job on real processes for every change. The whole of it: npm run test:cluster. */
import {expect, test} from 'vitest'
import {smallJob} from './scenarios.ts'

test('a word count over a tag on two nodes gives what one process gives', async () => {
  expect(await smallJob()).toMatchObject({jobs: 1})
})
