/** The templates that `inferno init` copies: one folder each, described by its `template.json`. */
import {existsSync} from 'node:fs'
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {didYouMean, UserError} from '../base/index.ts'

/** What `inferno init DIR` takes when none is named: the rule of the talk. */
export const defaultTemplate = 'ad-clicks'
/** Describes a template; stays behind when it is copied. */
export const templateFile = 'template.json'

export interface Template {
  readonly name: string
  /** One sentence for lists. */
  readonly description: string
  /** What to try in the new folder, in order. */
  readonly commands: readonly string[]
}

/** @returns the templates, by name */
export async function listTemplates(templatesDir: string): Promise<readonly Template[]> {
  const entries = await readdir(templatesDir, {withFileTypes: true})
  // Templates of jobs are described in a file of their own.
  const isTemplate = (name: string): boolean => existsSync(join(templatesDir, name, templateFile))
  const folders = entries.filter(entry => entry.isDirectory() && isTemplate(entry.name)).map(entry => entry.name)
  return Promise.all(folders.sort().map(name => readTemplate(templatesDir, name)))
}

/** @throws UserError BAD_FLAG when there is no template of that name */
export async function findTemplate(templatesDir: string, name: string): Promise<Template> {
  const templates = await listTemplates(templatesDir)
  const template = templates.find(candidate => candidate.name === name)
  if (template !== undefined) return template
  const names = templates.map(candidate => candidate.name)
  throw new UserError('BAD_FLAG', `there is no template "${name}".${didYouMean(name, names)}`, {
    hint: `templates: ${names.join(', ')}`,
    exitCode: 2,
  })
}

/** Our own file, checked by the tests of the templates: taken as it is. */
async function readTemplate(templatesDir: string, name: string): Promise<Template> {
  const text = await readFile(join(templatesDir, name, templateFile), 'utf8')
  const {description, commands} = JSON.parse(text) as Omit<Template, 'name'>
  return {name, description, commands}
}
