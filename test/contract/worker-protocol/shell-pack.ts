/** Job packs whose worker is one shell script, and what such jobs leave. */
import type {JobClient} from '../../../src/client/index.ts'
import {encodeDiscoPack, type JobResults} from '../../../src/protocol/index.ts'
import {writeZip} from '../../../src/worker/index.ts'

export interface ShellPack {
  readonly version?: 1 | 2
  readonly jobDict: object
  readonly envs?: Readonly<Record<string, string>>
}

export const shellPack = (script: string, {version = 2, jobDict, envs = {}}: ShellPack): Buffer =>
  encodeDiscoPack({
    version,
    jobDict: {owner: 'u@h', worker: 'w.sh', ...jobDict},
    jobEnvs: envs,
    jobHome: writeZip([{path: 'w.sh', content: Buffer.from(script), isExecutable: true}]),
    jobData: Buffer.alloc(0),
  })

/** The text of each output. */
export async function textsOf(jobs: JobClient, {outputs}: JobResults): Promise<string[]> {
  const texts: string[] = []
  for (const output of outputs) {
    texts.push(Buffer.concat(await Array.fromAsync(jobs.readOutput(output))).toString())
  }
  return texts
}
