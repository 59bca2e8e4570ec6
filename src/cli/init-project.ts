/** `inferno init`: where the product keeps its templates and declarations, and what it says afterwards. */
import {existsSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {assert, UserError} from '../base/index.ts'
import {embeddedFolder} from '../product/index.ts'
import {type InitResult, initProject, listTemplates, type Template} from '../project/index.ts'

export interface InitFlags {
  readonly template: string
  readonly list: boolean
  readonly json?: boolean | undefined
}

/** Makes a project, or with `--list` prints the templates. @throws UserError BAD_FLAG without a folder; as `initProject` */
export async function initOrList(dir: string | undefined, flags: InitFlags): Promise<InitResult | readonly Template[]> {
  const root = productRoot()
  const templatesDir = join(root, 'templates')
  if (flags.list) {
    const templates = await listTemplates(templatesDir)
    const width = Math.max(...templates.map(({name}) => name.length))
    if (!flags.json)
      process.stdout.write(templates.map(({name, description}) => `${name.padEnd(width)}  ${description}\n`).join(''))
    return templates
  }
  if (dir === undefined)
    throw new UserError('BAD_FLAG', 'name the new folder', {hint: 'inferno init my-rules', exitCode: 2})
  const result = await initProject({templatesDir, typesDir: join(root, 'dist', 'types'), dir, template: flags.template})
  if (!flags.json) {
    const where = relative(process.cwd(), result.dir) || '.'
    const lines = [
      `made ${where} from the template ${result.template}:`,
      ...result.files.map(file => `  ${file}`),
      '',
      'next:',
      `  cd ${where}`,
      ...result.commands.map(command => `  ${command}`),
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  return result
}

/** The folder of the product: the nearest one above this code that holds the templates. */
function productRoot(): string {
  const embedded = embeddedFolder()
  if (embedded !== undefined) return embedded
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'templates')) || !existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder)
    assert(above !== folder, 'the product has a templates folder')
    folder = above
  }
  return folder
}
