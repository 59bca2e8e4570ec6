import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Job extends BaseCommand {
  static override summary = 'Submit an executable of any language as a job'
  static override description =
    "The executable speaks Disco's worker protocol. Prints the name of the job. Templates: inferno init --list."
  static override examples = [
    '<%= config.bin %> disco job count.py data:texts -f disco_worker.py --map --reduce --wait',
    '<%= config.bin %> disco job count.mjs data:texts --stage map=split --stage count=group-label',
  ]
  static override strict = false
  static override args = {
    worker: Args.string({description: 'the executable', required: true}),
    input: Args.string({description: 'tags, blob://, job://, http://, raw:// or what the worker can read'}),
  }
  static override flags = {
    ...clusterFlags,
    map: Flags.boolean({char: 'm', description: 'it has a map phase'}),
    reduce: Flags.boolean({char: 'r', description: 'it has a reduce phase'}),
    reduces: Flags.integer({char: 'n', description: '1: one task reduces all; else one a label', default: 1, min: 1}),
    stage: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'instead of map and reduce: a stage, in order; repeatable',
      helpValue: 'NAME=GROUPING[,concurrent]',
    }),
    prefix: Flags.string({char: 'p', description: "beginning of the job's name; without it that of the executable"}),
    owner: Flags.string({char: 'o', description: 'whose job it is; without it USER@HOST'}),
    scheduler: Flags.string({
      char: 'S',
      multiple: true,
      multipleNonGreedy: true,
      description: 'max_cores, task_seconds, task_memory (bytes) or max_failures; repeatable',
      helpValue: 'NAME=VALUE',
    }),
    env: Flags.string({
      char: 'e',
      multiple: true,
      multipleNonGreedy: true,
      description: 'a variable of its environment; repeatable',
      helpValue: 'NAME=VALUE',
    }),
    file: Flags.string({
      char: 'f',
      multiple: true,
      multipleNonGreedy: true,
      description: 'file or folder that it finds in its working folder; repeatable',
      helpValue: 'PATH',
    }),
    data: Flags.string({char: 'd', description: 'job data: text, or a file', helpValue: 'TEXT|@FILE'}),
    save: Flags.boolean({description: 'keep the results under the tag disco:results:JOB'}),
    dump: Flags.boolean({char: 'D', description: 'write the job pack to standard output instead', exclusive: ['wait']}),
    wait: Flags.boolean({description: 'wait for the job and print its results'}),
  }

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Job)
    const [worker = '', ...inputs] = argv as string[]
    const [{workerPack}, {submitPack}, {writeOut}] = await Promise.all([
      import('../../src/cli/jobs/worker-pack.ts'),
      import('../../src/cli/jobs/submit-pack.ts'),
      import('../../src/cli/ddfs/write-out.ts'),
    ])
    const pack = workerPack(worker, inputs, flags)
    if (!flags.dump) return await submitPack(pack, flags)
    const {length} = pack
    if (!flags.json)
      await writeOut(
        (async function* () {
          yield pack
        })(),
      )
    return {bytes: length}
  }
}
