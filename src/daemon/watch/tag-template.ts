/** Names of tags for chunks: `incoming:{host}:chunk:clicks:{date}`. */
import {didYouMean, UserError} from '../../base/index.ts'
import {parseTagName} from '../../protocol/index.ts'

export interface TemplateOptions {
  readonly host: string
  /** Of the followed folder, without what is above it. */
  readonly folderName: string
  /** IANA name. */
  readonly timeZone: string
  /** Matches names of files; its named groups are placeholders. */
  readonly match: RegExp | undefined
}

const builtIns = ['host', 'date', 'hour', 'file', 'dir'] as const
type BuiltIn = (typeof builtIns)[number]

/**
 * Makes the function from a file (path in the folder; when it was last written) to the tag of its next chunk.
 *
 * What a placeholder stands for is made safe: a character that cannot be in a tag's name, and `:`, becomes `_`.
 *
 * @throws UserError BAD_NAME for a template that no file can make a tag's name of; the returned function throws it for a
 *   name that gets too long
 */
export function compileTagTemplate(
  template: string,
  options: TemplateOptions,
): (path: string, modifiedAtMs: number) => string {
  const groups = groupsOf(options.match)
  const known = [...new Set([...groups, ...builtIns])]
  // The rest must be able to stand in a name.
  parseTagName(
    template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
      checkPlaceholder(name, known)
      return 'x'
    }),
  )
  const times = timeFormat(options.timeZone)
  return (path, modifiedAtMs) => {
    const fileName = path.slice(path.lastIndexOf('/') + 1)
    const found = options.match?.exec(fileName)?.groups ?? {}
    const tag = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
      const value = groups.includes(name)
        ? (found[name] ?? '')
        : builtIn(name as BuiltIn, path, modifiedAtMs, times, options)
      return value.replace(/[^A-Za-z0-9_\-@]/g, '_')
    })
    return parsedFor(path, tag)
  }
}

function builtIn(
  name: BuiltIn,
  path: string,
  modifiedAtMs: number,
  times: (ms: number) => {readonly date: string; readonly hour: string},
  {host, folderName}: TemplateOptions,
): string {
  const parts = path.split('/')
  switch (name) {
    case 'host':
      return host.split('.')[0] ?? host
    case 'file':
      return (parts.at(-1) ?? '').replace(/\.(gz|zst)$/, '')
    case 'dir':
      return parts.at(-2) ?? folderName
    default:
      return times(modifiedAtMs)[name]
  }
}

function checkPlaceholder(name: string, known: readonly string[]): void {
  if (known.includes(name)) return
  throw new UserError('BAD_NAME', `--tag: there is no placeholder {${name}}.${didYouMean(name, known)}`, {
    hint: `there are ${known.map(one => `{${one}}`).join(' ')}; named groups of --match are placeholders, too`,
    exitCode: 2,
  })
}

function parsedFor(path: string, tag: string): string {
  try {
    return parseTagName(tag)
  } catch (error) {
    const hint = error instanceof UserError && error.hint !== undefined ? {hint: error.hint} : {}
    throw new UserError('BAD_NAME', `${path}: "${tag.slice(0, 60)}" cannot be the name of its tag`, {
      ...hint,
      exitCode: 2,
    })
  }
}

/** Names of the groups of a pattern. */
function groupsOf(match: RegExp | undefined): readonly string[] {
  if (match === undefined) return []
  return Object.keys(new RegExp(`${match.source}|`, match.flags).exec('')?.groups ?? {})
}

function timeFormat(timeZone: string): (ms: number) => {readonly date: string; readonly hour: string} {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
  })
  return ms => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(part => [part.type, part.value]))
    return {date: `${parts['year']}-${parts['month']}-${parts['day']}`, hour: parts['hour'] ?? ''}
  }
}
