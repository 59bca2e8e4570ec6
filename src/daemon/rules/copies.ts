/**
 * Rule files as they were when they were whole, so that rules go on while their file is broken.
 *
 * A copy of a module is a folder that looks like the project: the rule folder with copies of the files that the module was made
 * from, everything else as links to what is there.
 */
import {createHash} from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {basename, dirname, join, relative, sep} from 'node:path'
import type {ModuleReading} from './definition.ts'

const keyFile = '.copy-of'
/** Links that are made for what lies beside rules; a home folder full of files is not a project. */
const linkCountMax = 1000

/** In `copies` of the state folder, a folder for each module. A copy is replaced as a whole. */
export class RuleCopies {
  readonly #folder: string
  readonly #rulesFolder: string

  /** @param rulesFolder - absolute path */
  constructor(stateFolder: string, rulesFolder: string) {
    this.#folder = join(stateFolder, 'copies')
    this.#rulesFolder = rulesFolder
  }

  /** The rule folder of a module's copy. */
  rulesFolder(module: string): string {
    return join(this.#folder, module, basename(this.#rulesFolder))
  }

  has(module: string): boolean {
    return existsSync(join(this.#folder, module, keyFile))
  }

  /** Keeps a module that was read without problems. Nothing is written when it is as it was. */
  keep({module, modulesRead}: Pick<ModuleReading, 'module' | 'modulesRead'>): void {
    const own = modulesRead.filter(file => this.#isOwn(file))
    const key = hashOf(own)
    const target = join(this.#folder, module)
    if (this.has(module) && readFileSync(join(target, keyFile), 'utf8') === key) return
    const draft = join(this.#folder, `.draft-${module}`)
    rmSync(draft, {recursive: true, force: true})
    const rules = join(draft, basename(this.#rulesFolder))
    mkdirSync(rules, {recursive: true, mode: 0o700})
    for (const file of own) {
      const path = join(rules, relative(this.#rulesFolder, file))
      mkdirSync(dirname(path), {recursive: true})
      copyFileSync(file, path)
    }
    linkRest(this.#rulesFolder, rules)
    linkRest(dirname(this.#rulesFolder), draft)
    writeFileSync(join(draft, keyFile), key)
    rmSync(target, {recursive: true, force: true})
    renameSync(draft, target)
  }

  #isOwn(file: string): boolean {
    return file.startsWith(this.#rulesFolder + sep) && !file.includes(`${sep}node_modules${sep}`)
  }
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

/** What is in `from` and not in `to`. */
function linkRest(from: string, to: string): void {
  for (const name of readdirSync(from).slice(0, linkCountMax)) {
    if (!name.startsWith('.') && !existsSync(join(to, name))) symlinkSync(join(from, name), join(to, name))
  }
}
