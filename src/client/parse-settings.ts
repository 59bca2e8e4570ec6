/** What a settings file says. Loaded when there is one: most runs have none, and YAML takes longer to load than small runs to run. */
import {dirname, join, resolve} from 'node:path'
import {didYouMean, printable, UserError} from '../base/index.ts'
import {isOpenToOthers} from './secret.ts'
import {checkedValue, holdsSecret, type SettingValue, WrongValue} from './setting-values.ts'
import {type SettingRow, settingNames, settingRows} from './settings-table.ts'
import {userHome} from './user-home.ts'
import {type LocatedMapping, parseLocatedMapping} from './yaml.ts'

export interface SettingsFile {
  readonly path: string
  readonly text: string
  /** Of the file; undefined for what is no file (a pipe): then it is nobody else's, and relative paths are the process's. */
  readonly mode: number | undefined
}

export interface FoundSetting {
  readonly value: SettingValue
  readonly line: number | undefined
}

/** @throws UserError BAD_PARAMETERS: what is not YAML, an unknown name, a wrong value, a secret that others may read */
export function parseSettings(file: SettingsFile): Map<string, FoundSetting> {
  const located = parseLocatedMapping(file.text, file.path)
  const found = new Map<string, FoundSetting>()
  for (const [names, value] of leavesOf(located.mapping)) {
    const row = rowOf(names, file, located)
    // A name without a value says nothing.
    if (value === null || value === undefined) continue
    found.set(row.name, {value: settingOf(row, value, names, file, located), line: located.lineOf(names)})
  }
  return found
}

const groups = new Set(settingNames.filter(name => name.includes('.')).map(name => name.split('.')[0]!))

/** Paths of names, and what stands there. `sink: ADDRESS` is a whole group in one word. */
function* leavesOf(mapping: Record<string, unknown>): Generator<[names: readonly string[], value: unknown]> {
  for (const [name, value] of Object.entries(mapping)) {
    const isGroup = groups.has(name) && typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isGroup) yield [[name], value]
    else for (const [inner, leaf] of Object.entries(value)) yield [[name, inner], leaf]
  }
}

function rowOf(names: readonly string[], {path}: SettingsFile, {lineOf}: LocatedMapping): SettingRow {
  const written = names.join('.')
  const row = settingRows.find(({name}) => name === (written === 'sink' ? 'sink.to' : written))
  if (row !== undefined) return row
  const where = placeOf(path, lineOf(names))
  if (groups.has(written)) {
    throw refused(`${where}: ${written}: expected names with values`, `the names are: ${namesIn(written).join(', ')}`)
  }
  const former = settingRows.find(({formerly}) => formerly === written)
  if (former !== undefined) {
    throw refused(`${where}: there is no setting "${written}"`, `it is called ${former.name} now`)
  }
  const [group] = names
  const isInner = names.length > 1
  const known = isInner ? settingNames.filter(name => name.startsWith(`${group}.`)) : topNames
  throw refused(
    `${where}: there is no setting "${printable(written)}".${suggestion(written, known)}`,
    `${isInner ? `settings of ${group}` : 'settings'} are: ${(isInner ? namesIn(group!) : topNames).join(', ')}`,
  )
}

const topNames = [...new Set(settingNames.map(name => name.split('.')[0]!))]

const namesIn = (group: string): string[] =>
  settingNames.filter(name => name.startsWith(`${group}.`)).map(name => name.slice(group.length + 1))

/** Among the names of that place; else a name that stands in a group, written without it. */
function suggestion(written: string, known: readonly string[]): string {
  const near = didYouMean(written, known)
  if (near !== '') return near
  const inner = settingNames.find(name => name.endsWith(`.${written}`))
  return inner === undefined ? '' : ` Did you mean "${inner}"?`
}

function settingOf(
  row: SettingRow,
  value: unknown,
  names: readonly string[],
  file: SettingsFile,
  {lineOf}: LocatedMapping,
): SettingValue {
  const where = placeOf(file.path, lineOf(names))
  try {
    const checked = checkedValue(row, value)
    if (file.mode !== undefined && isOpenToOthers(file.mode) && holdsSecret(row, checked)) {
      throw refused(
        `${where}: ${row.name} is a secret, and others may read this file`,
        `close it with: chmod 600 ${file.path}; or write env:NAME or file:PATH`,
      )
    }
    return file.mode === undefined ? checked : fromFolder(row, checked, dirname(resolve(file.path)))
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error
    throw refused(`${where}: ${row.name}: ${error.message}`, `it is: ${row.meaning}`)
  }
}

/** Paths are those of the file that names them, from wherever a command is run. A sink's path is left as the rule's would be. */
function fromFolder({kind}: SettingRow, value: SettingValue, folder: string): SettingValue {
  if (typeof value !== 'string') return value
  if (kind === 'path') return resolve(folder, withHome(value))
  const isFile = (kind === 'secret' || kind === 'server' || kind === 'sink') && value.startsWith('file:')
  return isFile ? `file:${resolve(folder, withHome(value.slice('file:'.length)))}` : value
}

const withHome = (path: string): string => {
  const home = userHome()
  return path.startsWith('~/') && home !== undefined ? join(home, path.slice(2)) : path
}

const placeOf = (path: string, line: number | undefined): string => (line === undefined ? path : `${path}:${line}`)

const refused = (message: string, hint: string): UserError =>
  new UserError('BAD_PARAMETERS', message, {hint, exitCode: 2})
