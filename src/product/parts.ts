/** Where the parts of the program are that run in threads and processes of their own, and how the whole is started again. */
import {realpathSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {embeddedFile, extracted, isSingleFile, writeFolder, writePart} from './single-file.ts'

/** First word of a command line that starts a part instead of a command; no command begins like this. */
export const partWord = '--part='

/**
 * The code of a thread.
 *
 * @param name - of the entry, without its ending: a file beside the asking module (as source) or beside the bundle
 * @param neighbour - `import.meta.url` of a module in the same folder
 */
export function threadPart(name: string, neighbour: string): URL {
  if (!isSingleFile()) return new URL(`./${name}.${endingOf(neighbour)}`, neighbour)
  return new URL(`data:text/javascript;base64,${embeddedFile(`start-${name}.js`).toString('base64')}`)
}

/**
 * Program and arguments that start a part in a process of its own.
 *
 * @param options - options of Node, `--max-old-space-size=…`
 */
export function processPart(
  name: string,
  neighbour: string,
  options: readonly string[],
): readonly [string, ...string[]] {
  if (!isSingleFile())
    return [process.execPath, ...options, fileURLToPath(new URL(`./${name}.${endingOf(neighbour)}`, neighbour))]
  return [process.execPath, ...embeddedOptions(options), `${partWord}${name}`]
}

/** As source in a checkout's tests, as a bundle in the product. */
const endingOf = (neighbour: string): string => (neighbour.endsWith('.ts') ? 'ts' : 'js')

/**
 * How this program is started again: with the same Node, under its real name, so that all topics are open to it.
 *
 * @param options - options of Node, `--max-old-space-size=…`
 */
export const launcher = (options: readonly string[] = []): readonly [string, ...string[]] =>
  isSingleFile()
    ? [process.execPath, ...embeddedOptions(options)]
    : [process.execPath, ...options, realpathSync(process.argv[1] ?? '')]

/** The one executable takes options of Node as a flag of its own, and a command's flags are not options of Node. */
const embeddedOptions = (options: readonly string[]): string[] =>
  options.length === 0 ? [] : [`--node-options=${options.join(' ')}`]

/** The folder with what belongs to the product beside its code (templates, declarations); undefined: above the code. */
export const embeddedFolder = (): string | undefined => (isSingleFile() ? extracted('product', writeFolder) : undefined)

/** A compiled addon, loaded. @param name - file name of the embedded one */
export function embeddedAddon(name: string): unknown {
  const path = extracted(name, writePart)
  const module = {exports: {}}
  process.dlopen(module, path)
  return module.exports
}
