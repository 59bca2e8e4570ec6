import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../../src/cli/base-command.ts'
import {clusterFlags} from '../../../src/cli/cluster-flags.ts'

export default class Create extends BaseCommand {
  static override summary = 'Make a token for a person or a program'
  static override description =
    `It is shown this once; the cluster keeps its hash. Every node that answers knows it when this command ends. What a token of one scope may:

read: see and read everything; write: change tags and jobs, too; run-rules: submit jobs of rules without code of their own; run-code: submit jobs with code, where the cluster allows it (disco config get allowCode); admin: all of that, and the cluster itself.`
  static override examples = [
    '<%= config.bin %> disco token create grafana --scope read --expires 90d',
    '<%= config.bin %> disco token create nightly --scope write --scope run-rules',
  ]
  static override args = {
    name: Args.string({description: 'its name, in lists and in the log of changes', required: true}),
  }
  static override flags = {
    ...clusterFlags,
    scope: Flags.string({
      char: 's',
      description: 'what it opens; repeatable',
      options: ['read', 'write', 'run-rules', 'run-code', 'admin'],
      default: ['read'],
      multiple: true,
      multipleNonGreedy: true,
    }),
    expires: Flags.string({
      char: 'e',
      description: 'opens nothing any more after 12h, 90d; without it never',
      helpValue: 'TIME',
    }),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Create)
    const [{withCluster}, {lifeOf, silentText, tokenLine}] = await Promise.all([
      import('../../../src/client/index.ts'),
      import('../../../src/cli/disco/token-text.ts'),
    ])
    const expiresInMs = lifeOf(flags.expires)
    const made = await withCluster(flags, client => client.createToken(args.name, flags.scope, expiresInMs))
    if (!flags.json) {
      process.stderr.write(`${tokenLine(made)}; it is not shown again\n${silentText(made)}`)
      process.stdout.write(`${made.token}\n`)
    }
    return made
  }
}
