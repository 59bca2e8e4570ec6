/** `inferno init`: a new rule project that type-checks, tests and runs at once. */
import {cp, readdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises'
import {basename, join, relative, resolve, sep} from 'node:path'
import {messageOf, UserError} from '../base/index.ts'
import {makeFolder} from '../sinks/index.ts'
import {defaultTemplate, findTemplate, templateFiles} from './templates.ts'

/** Where a project keeps the declarations of `disco-inferno`; the templates' tsconfig.json points there. */
const projectTypesDir = '.disco-inferno'

export interface InitOptions {
  readonly templatesDir: string
  /** Root of the built declarations (`dist/types`); holds `src/api.d.ts`. */
  readonly typesDir: string
  /** The new folder; must not exist, or be empty. */
  readonly dir: string
  readonly template?: string
}

export interface InitResult {
  /** Absolute. */
  readonly dir: string
  readonly template: string
  /** Files of the template relative to `dir`, `/` between folders, sorted; the copied declarations are not listed. */
  readonly files: readonly string[]
  /** What to try next, in order. */
  readonly commands: readonly string[]
}

/**
 * Copies a template and the declarations that its editor needs; nothing is fetched or installed.
 *
 * @throws UserError DIR_NOT_EMPTY when the folder holds something, BAD_FLAG for an unknown template,
 *   INPUT_NOT_FOUND when the declarations are missing, OUTPUT_FAILED when the folder cannot be written
 */
export async function initProject(options: InitOptions): Promise<InitResult> {
  const dir = resolve(options.dir)
  const template = await findTemplate(options.templatesDir, options.template ?? defaultTemplate)
  // Workers in other languages import nothing of ours.
  const isTyped = template.kind !== 'worker'
  if (isTyped) await checkTypes(options.typesDir)
  const isNew = await checkEmpty(dir)
  try {
    await makeFolder(dir)
    await copyTemplate(join(options.templatesDir, template.name), dir)
    if (isTyped) {
      await nameProject(dir)
      await copyTypes(options.typesDir, join(dir, projectTypesDir))
    }
  } catch (error) {
    // A folder that we made is removed whole, so that the command can simply be repeated.
    if (isNew) await rm(dir, {recursive: true, force: true})
    throw new UserError('OUTPUT_FAILED', `cannot write the project to ${dir}: ${messageOf(error)}`, {
      hint: 'choose a folder that you may write to',
      cause: error,
    })
  }
  return {dir, template: template.name, files: await filesBelow(dir), commands: template.commands}
}

async function checkTypes(typesDir: string): Promise<void> {
  const isThere = await stat(join(typesDir, 'src', 'api.d.ts')).then(
    () => true,
    () => false,
  )
  if (isThere) return
  throw new UserError('INPUT_NOT_FOUND', `the type declarations of disco-inferno are missing in ${typesDir}`, {
    hint: 'build the tool once with: npm run build',
  })
}

/** @returns whether the folder does not exist yet */
async function checkEmpty(dir: string): Promise<boolean> {
  try {
    if ((await readdir(dir)).length === 0) return false
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return true
    const problem = code === 'ENOTDIR' ? 'is not a folder' : 'cannot be read'
    throw new UserError('DIR_NOT_EMPTY', `${dir} ${problem}`, {hint: 'name a new folder', cause: error})
  }
  throw new UserError('DIR_NOT_EMPTY', `${dir} is not empty`, {hint: 'name a new or an empty folder'})
}

async function copyTemplate(from: string, dir: string): Promise<void> {
  const left = new Set([...Object.values(templateFiles), 'node_modules', projectTypesDir])
  await cp(from, dir, {recursive: true, filter: source => source === from || !left.has(basename(source))})
  // npm leaves files called .gitignore out of a package, so the template has it without the dot.
  await rename(join(dir, 'gitignore'), join(dir, '.gitignore'))
}

async function nameProject(dir: string): Promise<void> {
  const packageFile = join(dir, 'package.json')
  const description = JSON.parse(await readFile(packageFile, 'utf8')) as Record<string, unknown>
  await writeFile(packageFile, `${JSON.stringify({...description, name: packageName(dir)}, undefined, 2)}\n`)
}

async function copyTypes(typesDir: string, dir: string): Promise<void> {
  await cp(typesDir, dir, {
    recursive: true,
    filter: async source => source.endsWith('.d.ts') || (await stat(source)).isDirectory(),
  })
}

/** A name that npm accepts, from the folder's. */
function packageName(dir: string): string {
  const name = basename(dir)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name === '' ? 'rules' : name
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, {recursive: true, withFileTypes: true})
  return entries
    .filter(entry => entry.isFile())
    .map(entry => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(file => !file.startsWith(`${projectTypesDir}/`))
    .sort()
}
