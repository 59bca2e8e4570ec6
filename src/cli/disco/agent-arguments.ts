/** Command lines of the agents that `disco start --agents N` starts. */
import type {NodeOptions} from '../../cluster/index.ts'
import {ensureTokens} from '../../cluster/index.ts'
import {launcher} from '../../product/index.ts'

export interface AgentCommands {
  readonly command: readonly [string, ...string[]]
  readonly agents: readonly (readonly string[])[]
  readonly env: NodeJS.ProcessEnv
}

/** Named agent-1 to agent-N. The token goes through the environment: command lines can be read by everyone. */
export function agentArguments(
  options: Pick<NodeOptions, 'paths' | 'host'>,
  masterUrl: string,
  count: number,
  flags: {readonly reserve?: string | undefined; readonly slots?: number | undefined; readonly 'log-level': string},
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
    ...(flags.reserve === undefined ? [] : ['--reserve', flags.reserve]),
    ...(flags.slots === undefined ? [] : ['--slots', String(flags.slots)]),
  ]
  return {
    command: launcher(),
    agents: Array.from({length: count}, (_, index) => [...shared, '--name', `agent-${index + 1}`]),
    env: {...process.env, DISCO_JOIN_TOKEN: ensureTokens(options.paths).join},
  }
}
