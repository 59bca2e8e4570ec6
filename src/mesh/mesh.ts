import {AgentMesh, type AgentOptions} from './agent.ts'
import {MasterMesh, type MasterOptions} from './master.ts'

/**
 * Opens one role's side of the mesh. A process may have both; they share a port through `listenForLinks`.
 *
 * A master is there at once and waits for agents; an agent begins to dial, see `joined`.
 *
 * @throws UserError BAD_SETTING for timings that cannot be
 */
export function openMesh(options: MasterOptions): MasterMesh
export function openMesh(options: AgentOptions): AgentMesh
export function openMesh(options: MasterOptions | AgentOptions): MasterMesh | AgentMesh {
  return options.role === 'master' ? new MasterMesh(options) : new AgentMesh(options)
}
