/** Help for the tool, a topic or a command, from the manifest alone. */
import {type Command, CommandHelp, type Config, Help, type Interfaces} from '@oclif/core'
import {topics} from './topics.ts'
import {wrapCommand} from './wrap-command.ts'

/** Wider lines are hard to read, and help is pasted into mails. */
const columnsMax = 80

/** Prints help on stdout. `subject` is a command id, a topic, or empty for the tool itself. */
export async function printHelp(config: Config, subject: string): Promise<void> {
  const maxWidth = Math.min(columnsMax, process.stdout.columns ?? columnsMax)
  const help = new ToolHelp(config, {maxWidth, docopts: false, flagSortOrder: 'none'})
  await help.showHelp(subject === '' ? [] : [subject])
}

class ToolHelp extends Help {
  protected override CommandHelpClass = ToolCommandHelp

  /** oclif leaves out topics without commands and sorts by name; ours are few and have an order. */
  protected override get sortedTopics(): Interfaces.Topic[] {
    return Object.keys(topics).flatMap(name => this.config.topics.filter(topic => topic.name === name))
  }

  override formatRoot(): string {
    const {bin, pjson} = this.config
    const start = [
      'Make a folder with a rule, its test and some data:',
      `$ ${bin} inferno init my-logs`,
      'Look at a file without a rule:',
      `$ ${bin} inferno query -k domain -v count clicks.ndjson`,
    ]
    return [
      this.wrap(pjson.description ?? '', 0),
      this.section('USAGE', `$ ${bin} TOPIC COMMAND [ARGUMENTS] [FLAGS]\n$ ${bin} TOPIC COMMAND --help`),
      this.section('START HERE', start.join('\n')),
    ].join('\n\n')
  }
}

class ToolCommandHelp extends CommandHelp {
  /** The first line is shown above already. */
  protected override description(): string | undefined {
    const {description, summary} = this.command
    const rest = summary === undefined ? description?.split('\n').slice(1).join('\n').trim() : description
    return rest ? this.wrap(rest) : undefined
  }

  protected override defaultUsage(): string {
    const hasFlags = Object.values(this.command.flags).some(flag => !flag.hidden)
    return `${super.defaultUsage()}${hasFlags ? ' [FLAGS]' : ''}`
  }

  /** oclif breaks descriptions of examples but not their commands. */
  protected override examples(examples: Command.Example[] | string | undefined): string | undefined {
    const list = examples === undefined ? [] : [examples].flat()
    const blocks = list.map(example => {
      const {command, description} = typeof example === 'string' ? {command: example, description: ''} : example
      const text = wrapCommand(`$ ${this.render(command)}`, this.opts.maxWidth - this.indentSpacing)
      return description === '' ? text : `${this.wrap(this.render(description))}\n${text}`
    })
    return blocks.length === 0 ? undefined : blocks.join('\n')
  }
}
