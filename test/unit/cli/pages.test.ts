/** What the pages show can be typed: commands with their flags, scripts, variables and links are there. */
import {existsSync, globSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {type ManifestCommand, manifest} from '../../../src/cli/manifest.ts'
import {layers} from '../layers/table.ts'

const root = join(import.meta.dirname, '../../..')
const pages = globSync(['README.md', 'docs/*.md', 'bench/**/README.md', 'templates/*/README.md', 'src/**/README.md'], {
  cwd: root,
  exclude: path => path.includes('node_modules'),
})
const read = (page: string): string => readFileSync(join(root, page), 'utf8')

/** Pages that set names of the originals beside ours; `from-docs.test.ts` is for them. */
const isOfOriginals = (page: string): boolean => /docs\/from-/.test(page)

interface Shown {
  readonly command: ManifestCommand
  readonly flags: readonly string[]
  readonly line: string
}

/** Command lines in code, one a command of a pipe or a list; a backslash at the end of a line joins it with the next. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^(?: {4}|\t)(.+)$/gm)].map(([, line]) => line!)
  const fenced = [...text.matchAll(/```(?:sh|console|bash)?\n([\s\S]*?)```/g)].flatMap(([, code]) =>
    code!.replaceAll('\\\n', ' ').split('\n'),
  )
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)
  return [...blocks, ...fenced, ...inline].flatMap(line =>
    line.replace(/ {2,}#.*$/, '').split(/\s\|\s|\s&&\s|;\s|\$\(/),
  )
}

/** The command that a line calls, with the flags behind it; undefined where it is none of ours. */
function shownIn(line: string): Shown | undefined {
  const words = line
    .trim()
    .replace(/^\$ /, '')
    .replace(/^node bin\/run\.js /, '')
    .replace(/^(?:[A-Z_]+=\S+ )+/, '')
    .split(/\s+/)
  if (words[0] === 'disco-inferno') words.shift()
  if (!['inferno', 'disco', 'ddfs', 'completion', 'install-links'].includes(words[0] ?? '')) return undefined
  for (let count = 3; count >= 1; count--) {
    const command = manifest.commands[words.slice(0, count).join(':')]
    if (command === undefined) continue
    const end = words.indexOf('--')
    const rest = words.slice(count, end === -1 ? undefined : end)
    return {command, flags: rest.filter(word => /^-{1,2}[a-zA-Z]/.test(word)), line}
  }
  return undefined
}

const names = (command: ManifestCommand): Set<string> =>
  new Set([
    '--help',
    '-h',
    '--version',
    ...Object.values(command.flags).flatMap(({name, char, allowNo}) => [
      `--${name}`,
      ...(char === undefined ? [] : [`-${char}`]),
      ...(allowNo === true ? [`--no-${name}`] : []),
    ]),
  ])

/** `--name=value` and `-abc` as the names that they are. */
const flagNames = (word: string, known: ReadonlySet<string>): string[] => {
  const name = word.replace(/[=\]),.'"].*$/, '')
  if (name.startsWith('--') || known.has(name)) return [name]
  // `-j4` gives a value to `-j`; else each letter is a flag.
  return known.has(name.slice(0, 2)) ? [name.slice(0, 2)] : [...name.slice(1)].map(letter => `-${letter}`)
}

describe.each(pages.filter(page => !isOfOriginals(page)))('%s', page => {
  const text = read(page)

  test('calls commands with flags that they have', () => {
    const problems = commandLines(text)
      .flatMap(line => shownIn(line) ?? [])
      .flatMap(({command, flags, line}) => {
        const known = names(command)
        return flags
          .flatMap(word => flagNames(word, known))
          .filter(name => !known.has(name))
          .map(name => `${name} in: ${line.trim()}`)
      })
    expect(problems).toEqual([])
  })

  test('links to files that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, path]) => path!)
    expect(links.filter(path => !existsSync(join(root, dirname(page), path)))).toEqual([])
  })

  test('names scripts of this package', () => {
    const scripts = (JSON.parse(read('package.json')) as {scripts: Record<string, string>}).scripts
    const inBench = (JSON.parse(read('bench/package.json')) as {scripts?: Record<string, string>}).scripts ?? {}
    const shown = [...text.matchAll(/npm run ([a-z:-]+)/g)].map(([, name]) => name!)
    expect(shown.filter(name => scripts[name] === undefined && inBench[name] === undefined)).toEqual([])
  })
})

describe('the modules', () => {
  const modules = Object.keys(layers).filter(name => !/\.ts$|^generated$/.test(name))

  test.each(['README.md', 'docs/development.md'])('stand in %s, all of them', page => {
    const text = read(page)
    const code = text.slice(text.indexOf(page === 'README.md' ? '## The code' : '## The picture'))
    expect(modules.filter(name => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([])
  })

  test('each have a README', () => {
    const isThere = (name: string): boolean =>
      existsSync(join(root, name === 'commands' ? name : `src/${name}/README.md`))
    expect(modules.filter(name => !isThere(name))).toEqual([])
  })
})
