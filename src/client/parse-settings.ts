/** What a settings file may say. Loaded when there is one: most runs have none, and the parsers take longer to load than small runs to run. */
import * as z from 'zod/mini'
import {didYouMean, UserError} from '../base/index.ts'
import type {Settings} from './settings.ts'
import {parseMapping} from './yaml.ts'

const schema = z.strictObject({
  /** Folder of rule modules. */
  rulesDirectory: z.optional(z.string()),
  /** Parameters for every rule; -l files and -P win. */
  params: z.optional(z.record(z.string(), z.unknown())),
  threads: z.optional(z.int().check(z.minimum(1))),
  /** As --memory: 512MiB. */
  memory: z.optional(z.string()),
  /** Whom and how the daemon tells. */
  notify: z.optional(
    z.strictObject({
      mailServer: z.optional(z.string()),
      mailFrom: z.optional(z.string()),
      pagerdutyKey: z.optional(z.string()),
      pagerdutyUrl: z.optional(z.string()),
      webhook: z.optional(z.string()),
      webhookFormat: z.optional(z.enum(['json', 'slack'])),
    }),
  ),
})

const settingNames = Object.keys(schema.def.shape)

/** @throws UserError BAD_PARAMETERS */
export function parseSettings(text: string, path: string): Settings {
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
