/** All endpoints that a master answers. */
import type {EndpointName} from '../../../protocol/index.ts'
import type {Handler} from '../../http/index.ts'
import type {AgentJobEndpoint} from '../../jobs/agent/handlers.ts'
import type {Master} from '../master.ts'
import {blobHandlers} from './blobs.ts'
import {maintenanceHandlers} from './maintenance.ts'
import {type MasterPlace, nodeHandlers} from './nodes.ts'
import {tagHandlers} from './tags.ts'

export type MasterEndpoint = Exclude<
  EndpointName,
  'health' | 'stop' | 'readBlob' | 'headBlob' | 'upload' | AgentJobEndpoint
>

export const masterHandlers = (master: Master, place: MasterPlace): Record<MasterEndpoint, Handler> => ({
  ...tagHandlers(master),
  ...blobHandlers(master),
  ...nodeHandlers(master, place),
  ...maintenanceHandlers(master),
  ...master.jobs.handlers(),
})
