/** From the words on the command line to what is wanted. Pure: the same words mean the same. */
import {nearest} from '../base/index.ts'
import {calledTopic} from './called-name.ts'
import type {ManifestCommand} from './manifest.ts'
import {typed} from './manifest.ts'
import {commandsFor} from './other-words.ts'
import {topicNames} from './topics.ts'

export type Request =
  /** `subject` is a command id, a topic, or empty for the tool itself. */
  | {readonly type: 'help'; readonly subject: string}
  | {readonly type: 'command'; readonly id: string; readonly args: readonly string[]}
  /** `words` is what was typed up to the first word that means nothing. */
  | {readonly type: 'unknown'; readonly words: readonly string[]}

type Commands = Readonly<Record<string, ManifestCommand>>

/**
 * Reads a command line.
 *
 * @param args - what was typed after the name of the tool
 * @param called - the name or path it was called by; a topic's name puts the topic in front
 */
export function parseRequest(args: readonly string[], called: string, commands: Commands): Request {
  const ownTopic = calledTopic(called)
  const isHelpWord = args[0] === 'help'
  const words = [...(ownTopic === undefined ? [] : [ownTopic]), ...(isHelpWord ? args.slice(1) : args)]

  // A help flag may stand before the command too.
  const leading = words.filter(word => !isHelpFlag(word))
  const {id, count} = longestKnown(leading, commands)
  const command = commands[id]
  if (isHelpWord || asksForHelp(words, command)) {
    const next = leading[count]
    const isUnknown = command === undefined && next !== undefined && !next.startsWith('-')
    return isUnknown ? {type: 'unknown', words: leading.slice(0, count + 1)} : {type: 'help', subject: id}
  }
  if (command !== undefined) return {type: 'command', id, args: words.slice(count)}
  return words.length === count ? {type: 'help', subject: id} : {type: 'unknown', words: words.slice(0, count + 1)}
}

const isHelpFlag = (word: string): boolean => word === '--help' || word === '-h'

/** Words after `--` are the command's own, and so is `-h` when the command gives it a meaning. */
function asksForHelp(words: readonly string[], command: ManifestCommand | undefined): boolean {
  const end = words.indexOf('--')
  const own = end === -1 ? words : words.slice(0, end)
  const isShortTaken = Object.values(command?.flags ?? {}).some(flag => flag.char === 'h')
  return own.includes('--help') || (own.includes('-h') && !isShortTaken)
}

/** The longest run of leading words that names a topic or a command. */
function longestKnown(words: readonly string[], commands: Commands): {id: string; count: number} {
  const ids = Object.keys(commands)
  let id = ''
  let count = 0
  for (const word of words) {
    const longer = id === '' ? word : `${id}:${word}`
    const isKnown = topicNames.includes(longer) || ids.some(known => known === longer || known.startsWith(`${longer}:`))
    if (!isKnown) break
    id = longer
    count++
  }
  return {id, count}
}

/** Commands, as they are typed, that were perhaps meant by words that name none; nearest first. */
export function suggestions(words: readonly string[], commands: Commands): readonly string[] {
  const known = Object.keys(commands).map(typed)
  const verb = words.at(-1) ?? ''
  const topic = words.slice(0, -1).join(' ')
  const sameVerb = known.filter(command => command.split(' ').at(-1) === verb)
  const inTopic = known.filter(command => topic === '' || command.startsWith(`${topic} `))
  const nearVerb = nearest(verb, [...new Set(inTopic.map(command => lastWord(command)))])
  const nearTopic = topic === '' ? nearest(verb, topicNames) : undefined
  const near = [
    ...inTopic.filter(command => lastWord(command) === nearVerb),
    ...(nearTopic === undefined ? [] : [nearTopic]),
  ]
  return [...new Set([...commandsFor(verb, topic), ...sameVerb, ...near])].slice(0, suggestionsMax)
}

/** More would not help to choose. */
const suggestionsMax = 3

const lastWord = (command: string): string => command.slice(command.lastIndexOf(' ') + 1)
