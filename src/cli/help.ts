/** Help for the tool, a topic or a command, from the manifest alone. */
import {type Command, CommandHelp, type Config, Help, type Interfaces} from '@oclif/core'
import {asTyped} from './called-name.ts'
import {innerTopics, topics} from './topics.ts'
import {wrapCommand} from './wrap-command.ts'

/** Wider lines are hard to read, and help is pasted into mails. */
const columnsMax = 80

/**
 * Prints help on stdout, with commands as the caller would type them.
 *
 * @param subject - a command id, a topic, or empty for the tool itself
 * @param called - name or path that the program was called by
 */
export async function printHelp(config: Config, subject: string, called: string): Promise<void> {
  const maxWidth = Math.min(columnsMax, process.stdout.columns ?? columnsMax)
  const help = new ToolHelp(config, {maxWidth, docopts: false, flagSortOrder: 'none'})
  help.called = called
  await help.showHelp(subject === '' ? [] : [subject])
}

class ToolHelp extends Help {
  protected override CommandHelpClass = ToolCommandHelp
  called = ''

  protected override getCommandHelpClass(command: Command.Loadable): CommandHelp {
    return Object.assign(super.getCommandHelpClass(command), {called: this.called})
  }

  protected override log(...texts: string[]): void {
    super.log(...texts.map(text => asTyped(text, this.called)))
  }

  /** oclif makes a topic of each command and sorts by name; ours are few and have an order. */
  protected override get sortedTopics(): Interfaces.Topic[] {
    const names = [...Object.keys(topics), ...Object.keys(innerTopics)]
    return names.flatMap(name => this.config.topics.filter(topic => topic.name === name))
  }

  /** Of the tool itself those that are not within another. */
  protected override formatTopics(shown: Interfaces.Topic[]): string {
    const own = shown.filter(({name}) => !name.includes(':'))
    return super.formatTopics(own.length > 0 ? own : shown)
  }

  override formatRoot(): string {
    const {bin, pjson} = this.config
    const start = [
      'Make a folder with a rule, its test and some data:',
      `$ ${bin} inferno init my-logs`,
      'Look at a file without a rule:',
      `$ ${bin} inferno query -k domain -v count clicks.ndjson`,
    ]
    const names = [
      'inferno, disco and ddfs stand for the topics, once they are on your path:',
      `$ ${bin} install-links DIR`,
    ]
    return [
      this.wrap(pjson.description ?? '', 0),
      this.section('USAGE', `$ ${bin} TOPIC COMMAND [ARGUMENTS] [FLAGS]\n$ ${bin} TOPIC COMMAND --help`),
      this.section('START HERE', start.join('\n')),
      this.section('SHORTER NAMES', names.join('\n')),
    ].join('\n\n')
  }
}

class ToolCommandHelp extends CommandHelp {
  called = ''

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
      const text = wrapCommand(
        `$ ${asTyped(this.render(command), this.called)}`,
        this.opts.maxWidth - this.indentSpacing,
      )
      return description === '' ? text : `${this.wrap(this.render(description))}\n${text}`
    })
    return blocks.length === 0 ? undefined : blocks.join('\n')
  }
}
