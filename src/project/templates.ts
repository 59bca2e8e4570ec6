/**
 * The templates that `inferno init` copies: one folder each, described by its `template.json` (rules), `job-template.json`
 * (jobs in TypeScript) or `worker-template.json` (jobs in other languages). */
import {existsSync} from 'node:fs'
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {didYouMean, UserError} from '../base/index.ts'

/** What `inferno init DIR` takes when none is named: the rule of the talk. */
export const defaultTemplate = 'ad-clicks'
/** Describe a template of rules, of a job, and of a worker in another language; they stay behind when it is copied. */
export const templateFiles = {
  rules: 'template.json',
  job: 'job-template.json',
  worker: 'worker-template.json',
} as const

export interface Template {
  readonly name: string
  readonly kind: keyof typeof templateFiles
  /** One sentence for lists. */
  readonly description: string
  /** What to try in the new folder, in order. */
  readonly commands: readonly string[]
}

/** @returns the templates, by name */
export async function listTemplates(templatesDir: string): Promise<readonly Template[]> {
  const entries = await readdir(templatesDir, {withFileTypes: true})
  const folders = entries.filter(entry => entry.isDirectory()).map(entry => entry.name)
  const found = folders.sort().flatMap(name => {
    const kind = kindOf(templatesDir, name)
    return kind === undefined ? [] : [readTemplate(templatesDir, name, kind)]
  })
  return Promise.all(found)
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
async function readTemplate(templatesDir: string, name: string, kind: Template['kind']): Promise<Template> {
  const text = await readFile(join(templatesDir, name, templateFiles[kind]), 'utf8')
  const {description, commands} = JSON.parse(text) as Pick<Template, 'description' | 'commands'>
  return {name, kind, description, commands}
}

function kindOf(templatesDir: string, name: string): Template['kind'] | undefined {
  const kinds = Object.keys(templateFiles) as Template['kind'][]
  return kinds.find(kind => existsSync(join(templatesDir, name, templateFiles[kind])))
}
