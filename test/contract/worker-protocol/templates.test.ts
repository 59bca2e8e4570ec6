/** The templates in other languages, by their own commands, on one node and on three; and what is told of such jobs. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {manifest} from '../../../src/cli/manifest.ts'
import {clusterFor} from '../../cli/cluster-for.ts'
import {DiscoProject} from '../../cli/disco-project.ts'
import {has, runTemplate, workerTemplates} from './template-cluster.ts'

const texts = ['harbour', 'tides'].map(name =>
  readFileSync(join(import.meta.dirname, `../../../templates/shell-worker/data/${name}.txt`), 'utf8'),
)

/** What all of them count, in ten lines. */
function expectedCounts(): string[] {
  const counts = new Map<string, number>()
  for (const word of texts
    .join('\n')
    .toLowerCase()
    .match(/[a-z]+/g) ?? [])
    counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, count]) => `${word}\t${count}`).sort()
}

describe.each([1, 3])('on %i agents', agents => {
  const project = clusterFor(
    () => new DiscoProject(),
    () => (agents === 1 ? [] : ['--agents', String(agents)]),
  )

  test.each(workerTemplates)('the %s counts words', template => {
    // Before them: what was pushed.
    const counts = runTemplate(project(), template)
      .stdout.split('\n')
      .filter(line => /^\w+\t\d+$/.test(line))
    expect(counts.sort()).toEqual(expectedCounts())
  })

  test.skipIf(agents > 1 || !has('curl'))('its job is told, dumped, submitted again and saved', () => {
    const folder = 'p/shell-worker'
    const run = (line: string): string => {
      const {exitCode, stdout, stderr} = project().shell(`cd ${folder}; ${line}`)
      expect(exitCode, stderr).toBe(0)
      return stdout
    }
    const stages = '--stage map=split --stage count=group-all'
    run(`disco job count.sh data:texts ${stages} --owner ann@desk -e NOTE=1 -d text --dump > count.pack`)
    const job = run('disco submit count.pack').trim()
    expect(job).toMatch(/^count@[a-z0-9:]+$/)
    const counts = run(`disco wait ${job} && disco results ${job}`)
    expect(counts.trimEnd().split('\n').sort()).toEqual(expectedCounts())
    expect(run(`disco stageresults ${job} count`)).toBe(counts)
    // What lies between stays, as clients of Disco expect.
    expect(run(`disco stageresults ${job} map --urls`)).toMatch(/^http:/)
    const {results, parts} = JSON.parse(run(`disco results ${job} --json`)) as Record<string, unknown>
    expect([results, parts]).toEqual([undefined, [{label: 0, base64: Buffer.from(counts).toString('base64')}]])
    expect(JSON.parse(run(`disco jobdict ${job}`))).toMatchObject({
      job,
      owner: 'ann@desk',
      packVersion: 2,
      jobDict: {worker: 'count.sh', inputs: [[0, 0, ['data:texts']]]},
      jobEnvs: {NOTE: '1'},
      jobDataBytes: 4,
      files: [{path: 'count.sh'}],
    })
    const saved = run(`disco job count.sh data:texts ${stages} --save --wait`)
    expect(saved).toBe(counts)
    const tag = `disco:results:${run('disco jobs --json | grep -o "count@[a-z0-9:]*" | head -1').trim()}`
    expect(run(`ddfs cat ${tag}`)).toBe(counts)
  })

  test.skipIf(agents > 1 || !has('python3'))('the examples in the help of job and submit work', () => {
    const folder = 'p/python-worker'
    const make =
      'cp ../node-worker/count.mjs .; disco job count.py data:texts -f disco_worker.py -m -r --dump > count.pack'
    expect(project().shell(`cd ${folder}; ${make}`).exitCode).toBe(0)
    for (const name of ['job', 'submit']) {
      const examples = manifest.commands[`disco:${name}`]?.examples ?? []
      expect(examples.length).toBeGreaterThan(0)
      for (const example of examples) {
        const line = String(example).replaceAll('<%= config.bin %> ', '')
        const {exitCode, stderr} = project().shell(`cd ${folder}; ${line}`)
        expect(exitCode, `${line}: ${stderr}`).toBe(0)
      }
    }
  })

  test.skipIf(agents > 1)('what is no pack, and a worker that is not there, are told', () => {
    project().write('bad.pack', 'nothing of the kind')
    expect(project().disco(['submit', 'bad.pack'])).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^Error: bad\.pack is no job pack that can be used: .+\nHint: packs are those of Disco/,
      ),
    })
    expect(project().disco(['submit', 'no.pack'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('the job pack no.pack cannot be read'),
    })
    expect(project().disco(['job', 'no.sh', 'data:texts', '-m'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('there is no file no.sh'),
    })
    project().write('w.sh', '#!/bin/sh\n')
    expect(project().disco(['job', 'w.sh', 'data:texts'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('say what the worker does'),
    })
    expect(project().disco(['job', 'w.sh', 'data:text', '-m'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Did you mean "data:texts"?'),
    })
  })
})
