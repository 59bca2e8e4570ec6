/** What commands over rules start from: the rules and the parameters that their flags mean, and a client of the cluster when one is needed. */
import {
  type ClusterChoice,
  type ClusterClient,
  loadSettings,
  resolveParameters,
  type Settings,
} from '../client/index.ts'
import {findRules, type RuleTarget, type RunSource} from '../project/index.ts'

/** The parsed flags of run-flags.ts that say which rules and parameters are meant. */
export interface RuleFlags {
  readonly 'rules-directory': string
  readonly settings?: string | undefined
  readonly param?: readonly string[] | undefined
  readonly 'param-file'?: readonly string[] | undefined
  readonly 'data-file'?: string | undefined
}

/**
 * The settings, and the parameters that settings, files and flags give together.
 *
 * @throws UserError BAD_PARAMETERS, BAD_SETTING as `loadSettings` and `resolveParameters` do
 */
export async function parametersOf(flags: RuleFlags): Promise<{settings: Settings; params: Record<string, unknown>}> {
  const settings = await loadSettings(flags.settings)
  const params = await resolveParameters({
    settings,
    files: flags['param-file'] ?? [],
    assignments: flags.param ?? [],
    dataFile: flags['data-file'],
  })
  return {settings, params}
}

/** @throws UserError RULE_NOT_FOUND, RULE_FILE_BROKEN, BAD_RULE as `findRules` does */
export async function targetsOf(reference: string, flags: Pick<RuleFlags, 'rules-directory'>): Promise<RuleTarget[]> {
  return findRules(reference, flags['rules-directory'])
}

/** With the address of the rule in its file, by which threads load it again. */
export function sourceOf(target: RuleTarget): RunSource {
  const address = {file: target.module.file, path: [target.index]}
  return {rule: target.rule, module: target.module.name, keyset: target.keyset, address}
}

/**
 * A client of the cluster that the flags mean, loaded and made when it is needed: with it come TLS and the schemas of the protocol, half of the
 * start of a run over files, which needs neither.
 */
export function lazyClient(choice: ClusterChoice): {get: () => Promise<ClusterClient>} & AsyncDisposable {
  let client: Promise<ClusterClient> | undefined
  const open = async (): Promise<ClusterClient> => {
    const {openClient} = await import('./open-client.ts')
    return openClient(choice)
  }
  return {
    get: () => {
      client ??= open()
      return client
    },
    // Whoever asked has had the error.
    [Symbol.asyncDispose]: async () =>
      client?.then(
        opened => opened.close(),
        () => undefined,
      ),
  }
}
