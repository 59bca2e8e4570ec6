import {expect, test} from 'vitest'
import {JobClient} from '../../../src/client/index.ts'
import {clusterFor} from '../../cli/cluster-for.ts'
import {DiscoProject} from '../../cli/disco-project.ts'
import {shellPack, textsOf} from './shell-pack.ts'

/** Upper-cases each raw:// input; a later stage copies the indexes that it is given. */
const script = `#!/bin/sh
say() { printf '%s %d %s\\n' "$1" "\${#2}" "$2" >&2; read -r answer; }
say WORKER "{\\"version\\":\\"1.1\\",\\"pid\\":$$}"
say INPUT '""'
echo "$answer" | grep -o 'raw://[^"]*' | sed 's/^raw:..//' | tr a-z A-Z > out
for url in $(echo "$answer" | grep -o 'dir://[^"]*' | sed 's/^dir/http/'); do curl -s "$url" | cut -d' ' -f1,3; done >> out
say OUTPUT '[0,"out",0]'
printf 'DONE 2 ""\\n' >&2
`

const project = clusterFor(
  () => new DiscoProject(),
  () => ['--name', 'one'],
)

test('a shell worker in a pack of version 2 runs two stages on one node', async () => {
  const pack = shellPack(script, {
    jobDict: {
      prefix: 'wc',
      scheduler: {},
      pipeline: [
        ['map', 'split', false],
        ['join', 'group_all', false],
      ],
      inputs: [
        [0, 0, ['raw://hello']],
        [0, 0, ['raw://sea']],
      ],
    },
  })
  const client = project().client()
  try {
    const jobs = new JobClient(client)
    const job = await jobs.submit(pack)
    const results = await jobs.wait(job, {timeoutMs: 30_000})
    expect(results.error).toBeUndefined()
    expect(results.state).toBe('done')
    expect(await textsOf(jobs, {...results, outputs: results.outputs.slice(0, 1)})).toEqual(['0 6\n0 4\n'])
  } finally {
    client.close()
  }
})
