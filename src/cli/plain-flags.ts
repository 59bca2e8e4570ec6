/**
 * Parses command lines of which nothing is unusual, as oclif would, without loading it: that takes 15 of the 70 ms of a small query.
 *
 * It is for commands that read data, where people wait for the first row. Whatever is not certain - an unknown flag, an abbreviation, a value that
 * is not allowed, on the line or in a variable of the environment - is left to oclif, which also says what is wrong.
 */
import type {ManifestCommand, ManifestFlag} from './manifest.ts'

export interface PlainLine {
  readonly words: readonly string[]
  /** As oclif gives them: no entry for a flag that is not there and has no default. */
  readonly flags: Readonly<Record<string, string | number | boolean | readonly string[]>>
  /** Names of the flags that are on the line, in order: the others have their default. */
  readonly typed: readonly string[]
}

/** The flags of run-flags.ts that are whole numbers, and their bounds, which the manifest does not say. */
const wholeNumbers: Readonly<Record<string, readonly [min: number, max: number]>> = {
  rows: [0, 1e9],
  sample: [1, 1e9],
  threads: [1, 256],
  'day-offset': [0, 1e9],
  'day-range': [0, 1e9],
}

/** @returns undefined when the line is for oclif */
export function plainFlags(
  args: readonly string[],
  command: ManifestCommand,
  env: Readonly<Record<string, string | undefined>>,
): PlainLine | undefined {
  const known = Object.values(command.flags)
  const words: string[] = []
  const flags: Record<string, string | number | boolean | string[]> = {}
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!
    if (arg === '') return undefined
    if (!arg.startsWith('-') || arg === '-') {
      // oclif puts a word to where its text comes first.
      if (args.indexOf(arg) !== args.lastIndexOf(arg)) return undefined
      words.push(arg)
      continue
    }
    const flag = known.find(({name, char}) => arg === `--${name}` || (char !== undefined && arg === `-${char}`))
    if (flag === undefined || isUnusual(flag)) return undefined
    const {name} = flag
    if (flag.multiple !== true && name in flags) return undefined
    if (flag.type === 'boolean') {
      flags[name] = true
      continue
    }
    const value = parsedValue(flag, args[++index])
    if (value === undefined) return undefined
    const before = flags[name]
    if (flag.multiple !== true) flags[name] = value
    else if (Array.isArray(before)) before.push(String(value))
    else flags[name] = [String(value)]
  }
  const typed = Object.keys(flags)
  for (const flag of known) {
    const text = flag.env === undefined ? undefined : env[flag.env]
    // One that is empty is as one that is not there.
    if (text === undefined || text === '' || flag.name in flags) continue
    const value =
      isUnusual(flag) || flag.multiple === true || flag.type === 'boolean' ? undefined : parsedValue(flag, text)
    if (value === undefined) return undefined
    flags[flag.name] = value
  }
  for (const flag of known) if (flag.default !== undefined) flags[flag.name] ??= flag.default
  return {words, flags, typed}
}

/** `--json` is oclif's own; flags that exclude others are few. */
function isUnusual({name, exclusive, allowNo}: ManifestFlag): boolean {
  return name === 'json' || exclusive !== undefined || allowNo === true
}

function parsedValue({name, options}: ManifestFlag, text: string | undefined): string | number | undefined {
  if (text === undefined || text === '' || text.startsWith('-')) return undefined
  if (options !== undefined && !options.includes(text)) return undefined
  const bounds = wholeNumbers[name]
  if (bounds === undefined) return text
  const number = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : Number.NaN
  return number >= bounds[0] && number <= bounds[1] ? number : undefined
}
