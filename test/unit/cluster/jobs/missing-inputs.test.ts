import {expect, test} from 'vitest'
import {type InputSources, resolveInputs} from '../../../../src/cluster/jobs/master/resolve-inputs.ts'

const [here, gone] = ['aa'.repeat(32), 'bb'.repeat(32)]
const sources: InputSources = {
  entriesOf: async () => [],
  tagNames: () => [],
  locate: async blobs => blobs.map(blob => ({blob, bytes: 5, nodes: blob === here ? ['n1'] : []})),
  resultsOf: () => [],
  checkResultTag: async () => undefined,
}
const inputs = [[`blob://${here}`], [`blob://${gone}`]]

test('a blob that no node has ends the submission, unless the job may miss it', async () => {
  await expect(resolveInputs(inputs, sources)).rejects.toMatchObject({code: 'BLOB_NOT_FOUND'})
  const outputs = await resolveInputs(inputs, sources, {mayMiss: true})
  expect(outputs.map(({place, nodes}) => [place.type, nodes])).toEqual([
    ['blob', ['n1']],
    ['blob', undefined],
  ])
})
