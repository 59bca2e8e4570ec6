import {Args, Command} from '@oclif/core'
import {type CompletionShell, completionScript, completionShells} from '../src/cli/completion/script.ts'

export default class Completion extends Command {
  static override description = `Print a script that completes commands and flags in your shell.

It serves all names of the tool: disco-inferno, disco, ddfs and inferno. Where to put it stands in its first lines.`

  static override examples = [
    {description: 'Complete in this bash from now on:', command: 'source <(<%= config.bin %> completion bash)'},
  ]

  static override args = {
    shell: Args.string({description: 'the shell you use', options: [...completionShells], required: true}),
  }

  override async run(): Promise<void> {
    const {args} = await this.parse(Completion)
    process.stdout.write(completionScript(args.shell as CompletionShell))
  }
}
