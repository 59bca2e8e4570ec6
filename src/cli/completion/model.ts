/** What can be completed where, in the terms that all shells share. */
import {type Manifest, type ManifestCommand, typed} from '../manifest.ts'
import {topicNames, topics} from '../topics.ts'

export interface CompletionModel {
  /** Names the tool is installed under, the one without a topic first. */
  readonly names: readonly string[]
  readonly topics: readonly string[]
  /** Places where a command word is next: the tool itself (`path` empty), the topics, and words that are half a command (`archive`). */
  readonly menus: readonly {readonly path: string; readonly words: readonly Described[]}[]
  readonly commands: readonly CompletionCommand[]
}

export interface Described {
  readonly word: string
  readonly summary: string
}

export interface CompletionCommand {
  /** `inferno run` */
  readonly path: string
  readonly flags: readonly CompletionFlag[]
  /** Words that make a longer command of it, and values of the first argument when they are a fixed list; else files are completed. */
  readonly values: readonly string[]
}

export interface CompletionFlag extends Described {
  /** `--format` */
  readonly word: string
  /** `-f` */
  readonly short: string | undefined
  readonly takesValue: boolean
  readonly values: readonly string[]
  readonly isRepeatable: boolean
}

const toolFlags: readonly Described[] = [
  {word: '--help', summary: 'show help'},
  {word: '--version', summary: 'show the version'},
]

/** Hidden commands and flags are left out. */
export function completionModel(commands: Manifest['commands']): CompletionModel {
  const shown = Object.values(commands).filter(command => command.hidden !== true)
  const topLevel = shown.filter(command => !command.id.includes(':')).map(describe)
  const topicWords = Object.entries(topics).map(([word, {description}]) => ({word, summary: description}))
  const topicMenus = topicNames.map(path => ({path, words: [...wordsAfter(path, shown), toolFlags[0]!]}))
  const halves = new Set(shown.map(({id}) => typed(id).split(' ').slice(0, -1).join(' ')))
  for (const {id} of shown) halves.delete(typed(id))
  const innerMenus = [...halves]
    .filter(path => path.includes(' '))
    .map(path => ({path, words: wordsAfter(path, shown)}))
  return {
    names: ['disco-inferno', ...topicNames],
    topics: topicNames,
    menus: [{path: '', words: [...topicWords, ...topLevel, ...toolFlags]}, ...topicMenus, ...innerMenus],
    commands: shown.map(command => completionCommand(command, wordsAfter(typed(command.id), shown))),
  }
}

/** The words that may follow, each once: `archive` stands for all its commands. */
function wordsAfter(path: string, commands: readonly ManifestCommand[]): Described[] {
  const depth = path.split(' ').length
  const words = new Map<string, Described>()
  for (const command of commands) {
    const parts = typed(command.id).split(' ')
    const word = parts[depth]
    if (word === undefined || parts.slice(0, depth).join(' ') !== path) continue
    if (parts.length === depth + 1) words.set(word, describe(command))
    else if (!words.has(word)) words.set(word, {word, summary: describe(command).summary})
  }
  return [...words.values()]
}

function describe(command: ManifestCommand): Described {
  return {word: typed(command.id).split(' ').at(-1)!, summary: firstLine(command.summary ?? command.description)}
}

/** @param next - words that make a longer command of it: `show` after `runs` */
function completionCommand(command: ManifestCommand, next: readonly Described[]): CompletionCommand {
  const flags = Object.values(command.flags)
    .filter(flag => flag.hidden !== true)
    .flatMap((flag): CompletionFlag[] => {
      const common = {
        summary: firstLine(flag.summary ?? flag.description),
        takesValue: flag.type === 'option',
        values: flag.options ?? [],
        isRepeatable: flag.multiple === true,
      }
      const positive = {...common, word: `--${flag.name}`, short: flag.char === undefined ? undefined : `-${flag.char}`}
      return flag.allowNo ? [positive, {...common, word: `--no-${flag.name}`, short: undefined}] : [positive]
    })
  const help = {...toolFlags[0]!, short: undefined, takesValue: false, values: [], isRepeatable: false}
  const firstArgument = Object.values(command.args)[0]
  return {
    path: typed(command.id),
    flags: [...flags, help],
    values: [...next.map(({word}) => word), ...(firstArgument?.options ?? [])],
  }
}

const firstLine = (text: string | undefined): string => (text ?? '').split('\n', 1)[0]!
