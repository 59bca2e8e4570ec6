/** All endpoints that a master answers. */
import type {EndpointName} from '../../../protocol/index.ts'
import type {Handler} from '../../http/index.ts'
import type {AgentJobEndpoint} from '../../jobs/agent/handlers.ts'
import type {Master} from '../master.ts'
import {blobHandlers} from './blobs.ts'
import {maintenanceHandlers} from './maintenance.ts'
import {type MasterPlace, nodeHandlers} from './nodes.ts'
import {contentsHandlers} from './tag-contents.ts'
import {tagHandlers} from './tags.ts'
import {tokenHandlers} from './tokens.ts'

export type MasterEndpoint = Exclude<
  EndpointName,
  'webPage' | 'rules' | 'health' | 'metrics' | 'stop' | 'backup' | 'readBlob' | 'headBlob' | 'upload' | AgentJobEndpoint
>

export const masterHandlers = (master: Master, place: MasterPlace): Record<MasterEndpoint, Handler> => ({
  ...tagHandlers(master),
  ...contentsHandlers(master),
  ...blobHandlers(master),
  ...nodeHandlers(master, place),
  ...maintenanceHandlers(master),
  ...tokenHandlers(master),
  ...master.jobs.handlers(),
})
