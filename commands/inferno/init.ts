import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'

export default class Init extends BaseCommand {
  static override summary = 'Make a project of rules or of a job: source, sample data, tests, editor set-up'
  static override examples = [
    '<%= config.bin %> inferno init my-rules',
    '<%= config.bin %> inferno init traffic --template access-log',
    '<%= config.bin %> inferno init words --template word-count',
    '<%= config.bin %> inferno init --list',
  ]
  static override args = {
    dir: Args.string({description: 'new folder'}),
  }
  static override flags = {
    template: Flags.string({char: 't', description: 'what the project starts from; see --list', default: 'ad-clicks'}),
    list: Flags.boolean({description: 'list the templates'}),
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Init)
    const {initOrList} = await import('../../src/cli/init-project.ts')
    return initOrList(args.dir, flags)
  }
}
