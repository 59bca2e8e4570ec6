/** A reduce-only job of version 1 over the results of another job, by Disco's URLs, as its Python client chains jobs. */
import {beforeAll, expect, test} from 'vitest'
import {JobClient} from '../../../src/client/index.ts'
import {type JobResults, jobIndexUrl} from '../../../src/protocol/index.ts'
import {clusterFor} from '../../cli/cluster-for.ts'
import {DiscoProject} from '../../cli/disco-project.ts'
import {shellPack, textsOf} from './shell-pack.ts'

/** Maps a letter to two files, of labels 1 and 2; reduces by writing down its label and what its inputs hold. */
const script = `#!/bin/sh
say() { printf '%s %d %s\\n' "$1" "\${#2}" "$2" >&2; read -r answer; }
say WORKER '{"version":"1.1","pid":1}'
say TASK '""'; task=$answer
say INPUT '""'
case $task in
  *'"stage":"map"'*)
    text=$(echo "$answer" | sed 's/.*raw:..\\([a-z]*\\).*/\\1/')
    for label in 1 2; do echo "$text$label" > "part-$label"; say OUTPUT "[$label,\\"part-$label\\",3]"; done ;;
  *)
    echo "$task" | sed 's/.*"group":\\(\\[[^]]*\\]\\).*/\\1/' > out
    for url in $(echo "$answer" | grep -o '\\[\\[0,"[a-z]*://[^"]*' | sed 's/.*"//'); do curl -sSf "$url" || say ERROR '"lost"'; done | sort >> out
    say OUTPUT '[0,"out",0]' ;;
esac
say DONE '""'
`

const project = clusterFor(
  () => new DiscoProject(),
  () => ['--agents', '2'],
)
let jobs: JobClient
beforeAll(() => {
  jobs = new JobClient(project().client())
})

const common = {prefix: 'chain', scheduler: {max_failures: 2}}

async function done(version: 1 | 2, jobDict: object): Promise<{readonly job: string; readonly results: JobResults}> {
  const job = await jobs.submit(shellPack(script, {version, jobDict: {...common, ...jobDict}}))
  const results = await jobs.wait(job, {timeoutMs: 30_000})
  expect([results.state, results.error]).toEqual(['done', undefined])
  return {job, results}
}

test('the labels of the first job are the tasks of the second', async () => {
  const inputs = ['a', 'b', 'c'].map(text => [0, 0, [`raw://${text}`]])
  const {job, results} = await done(2, {pipeline: [['map', 'split', false]], inputs})
  const runs = results.outputs.flatMap(({place}) => (place.type === 'file' ? [Number(place.path.split('/')[0])] : []))
  const indexes = [...new Set(runs)].map((run, task) => jobIndexUrl('master:8989', job, {stage: 'map', task, run}))
  expect(indexes).toHaveLength(3)
  const reduce = {'map?': false, 'reduce?': true, input: indexes.map(index => [index])}
  const two = await done(1, {...reduce, nr_reduces: 2})
  expect((await jobs.read(two.job)).stages.map(stage => [stage.name, stage.taskCount])).toEqual([['reduce', 2]])
  expect(await textsOf(jobs, two.results)).toEqual(['[1,""]\na1\nb1\nc1\n', '[2,""]\na2\nb2\nc2\n'])
  const one = await done(1, {...reduce, nr_reduces: 1})
  expect(await textsOf(jobs, one.results)).toEqual(['[0,""]\na1\na2\nb1\nb2\nc1\nc2\n'])
})

test('an index that is not there refuses the job', async () => {
  const input = [[jobIndexUrl('master:8989', 'no@1:2:3', {stage: 'map', task: 0, run: 1})]]
  const pack = shellPack(script, {version: 1, jobDict: {...common, 'reduce?': true, nr_reduces: 1, input}})
  await expect(jobs.submit(pack)).rejects.toMatchObject({code: 'BAD_JOB', message: expect.stringContaining('no@1:2:3')})
})
