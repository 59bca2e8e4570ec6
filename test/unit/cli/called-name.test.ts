import {expect, it} from 'vitest'
import {asTyped, calledTopic} from '../../../src/cli/called-name.ts'

it.each([
  ['/usr/local/bin/inferno', 'inferno'],
  ['bin/disco.js', 'disco'],
  ['/opt/ddfs.exe', 'ddfs'],
  ['/usr/local/bin/disco-inferno', undefined],
  ['', undefined],
])('takes %j for the topic %j', (called, topic) => {
  expect(calledTopic(called)).toBe(topic)
})

it('says commands of the topic as its own program, and of the whole tool as they are', () => {
  const text = '$ disco-inferno inferno run RULE\n$ disco-inferno completion bash'
  expect(asTyped(text, '/bin/inferno')).toBe('$ inferno run RULE\n$ disco-inferno completion bash')
  expect(asTyped(text, '/bin/disco-inferno')).toBe(text)
})
