/** The settings file: what a person wants everywhere, in YAML (spec 14.2). */
import {readFileSync} from 'node:fs'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {parse} from 'yaml'
import * as z from 'zod/mini'
import {didYouMean, errorCodeOf, messageOf, UserError} from '../base/index.ts'

const schema = z.strictObject({
  /** Folder of rule modules. */
  rulesDirectory: z.optional(z.string()),
  /** Parameters for every rule; -l files and -P win. */
  params: z.optional(z.record(z.string(), z.unknown())),
  threads: z.optional(z.int().check(z.minimum(1))),
  /** As --memory: 512MiB. */
  memory: z.optional(z.string()),
})

export type Settings = z.infer<typeof schema>

const settingNames = Object.keys(schema.def.shape)

/** Where settings are looked for, first found wins. */
export function settingsPaths(): string[] {
  const config = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config')
  return [join(homedir(), '.inferno'), join(config, 'disco-inferno', 'settings.yaml'), '/etc/inferno/settings.yaml']
}

/**
 * @param path - given with -e: must exist; without it the first of `settingsPaths()` that does
 * @throws UserError BAD_PARAMETERS for a missing, unreadable or wrong file
 */
export function loadSettings(path: string | undefined): Settings {
  if (path !== undefined) return parseSettings(readText(path, 'settings file'), path)
  for (const candidate of settingsPaths()) {
    const text = readIfThere(candidate)
    if (text !== undefined) return parseSettings(text, candidate)
  }
  return {}
}

/** YAML whose integers keep their digits: those beyond 2^53 are bigint, as in records. */
export function parseYaml(text: string): unknown {
  const smaller = (_name: unknown, value: unknown): unknown =>
    typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
  return parse(text, smaller, {intAsBigInt: true})
}

/** A YAML file that must be a mapping: settings and parameter files. */
export function parseMapping(text: string, path: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parseYaml(text)
  } catch (error) {
    throw new UserError('BAD_PARAMETERS', `${path} is not YAML: ${messageOf(error)}`, {exitCode: 2})
  }
  if (value === null || value === undefined) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  throw new UserError('BAD_PARAMETERS', `${path} is not a mapping of names to values`, {
    hint: 'write lines like  threshold: 1000',
    exitCode: 2,
  })
}

/** @throws UserError BAD_PARAMETERS naming what was to be read */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError('BAD_PARAMETERS', `cannot read the ${what} ${path}: ${messageOf(error)}`, {
      cause: error,
      exitCode: 2,
    })
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCodeOf(error))) return undefined
    throw new UserError('BAD_PARAMETERS', `cannot read the settings file ${path}: ${messageOf(error)}`, {
      cause: error,
      exitCode: 2,
    })
  }
}

function parseSettings(text: string, path: string): Settings {
  const mapping = parseMapping(text, path)
  const unknown = Object.keys(mapping).find(name => !settingNames.includes(name))
  if (unknown !== undefined) {
    throw new UserError(
      'BAD_PARAMETERS',
      `${path}: there is no setting "${unknown}".${didYouMean(unknown, settingNames)}`,
      {
        hint: `settings are: ${settingNames.join(', ')}`,
        exitCode: 2,
      },
    )
  }
  const parsed = schema.safeParse(mapping)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UserError('BAD_PARAMETERS', `${path}: ${issue?.path.join('.')}: ${issue?.message}`, {exitCode: 2})
}
