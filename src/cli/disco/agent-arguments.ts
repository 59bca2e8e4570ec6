/** Command lines of the agents that `disco start --agents N` starts. */
import type {NodeOptions} from '../../cluster/index.ts'
import {ensureTokens} from '../../cluster/index.ts'
import {launcher} from '../../product/index.ts'

export interface AgentCommands {
  readonly command: readonly [string, ...string[]]
  readonly agents: readonly (readonly string[])[]
  readonly env: NodeJS.ProcessEnv
}

export interface SharedFlags {
  readonly reserve?: string | undefined
  readonly partials?: string | undefined
  readonly slots?: number | undefined
  readonly 'task-user'?: string | undefined
  readonly 'log-level': string
  readonly drain: number
  readonly 'tls-cert'?: string | undefined
  readonly 'tls-key'?: string | undefined
  readonly ca?: string | undefined
  readonly insecure: boolean
  readonly force?: boolean | undefined
}

/**
 * Named agent-1 to agent-N; they listen, and are encrypted, as the master is. The token goes through the environment:
 * command lines can be read by everyone.
 */
export function agentArguments(
  options: Pick<NodeOptions, 'paths' | 'host'>,
  masterUrl: string,
  count: number,
  flags: SharedFlags,
): AgentCommands {
  const shared = [
    'disco',
    'agent',
    '--join',
    masterUrl.replace(/^http/, 'ws'),
    '--home',
    options.paths.home,
    '--host',
    options.host,
    '--port',
    '0',
    '--log-level',
    flags['log-level'],
    '--drain',
    String(flags.drain),
    ...flagOf('reserve', flags.reserve),
    ...flagOf('partials', flags.partials),
    ...flagOf('slots', flags.slots),
    ...flagOf('task-user', flags['task-user']),
    ...flagOf('tls-cert', flags['tls-cert']),
    ...flagOf('tls-key', flags['tls-key']),
    ...flagOf('ca', flags.ca),
    ...(flags.insecure ? ['--insecure'] : []),
    ...(flags.force === true ? ['--force'] : []),
  ]
  return {
    command: launcher(),
    agents: Array.from({length: count}, (_, index) => [...shared, '--name', `agent-${index + 1}`]),
    env: {...process.env, DISCO_JOIN_TOKEN: ensureTokens(options.paths).join},
  }
}

const flagOf = (name: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`--${name}`, String(value)]
