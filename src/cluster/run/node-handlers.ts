/** What a node answers: by itself, as the master, or by asking its master. */
import {ClusterError, UserError} from '../../base/index.ts'
import {meshUrl} from '../../mesh/index.ts'
import {endpoints, type NodeName} from '../../protocol/index.ts'
import type {Agent} from '../agent/agent.ts'
import {passOn} from '../agent/pass-on.ts'
import {backupHandler} from '../backup/index.ts'
import type {ApiCall, Handler, Handlers} from '../http/index.ts'
import {type AgentJobEndpoint, agentJobHandlers} from '../jobs/agent/handlers.ts'
import {masterHandlers} from '../master/api/index.ts'
import type {Master} from '../master/master.ts'
import {metricsHandler, type RequestCounts} from '../metrics/index.ts'
import {pageHandler, rulesHandler} from '../web/index.ts'
import type {NodeOptions} from './options.ts'

/** All endpoints. @param parts - what the node has; without a master it passes on what is for one */
export function handlersOf(
  options: NodeOptions,
  parts: {readonly agent?: Agent | undefined; readonly master?: Master | undefined},
  place: {readonly name: NodeName; readonly url: string; readonly counts: RequestCounts},
): Handlers {
  const {agent, master} = parts
  const own = {name: place.name, address: place.url, version: options.software}
  const onNode = {
    webPage: pageHandler,
    metrics: metricsHandler({
      agent,
      master,
      place: own,
      counts: place.counts,
      home: options.paths.home,
      log: options.openLog('metrics'),
    }),
    health: async () => ({body: {isOk: true, name: place.name, isMaster: master !== undefined, pid: process.pid}}),
    stop: async () => {
      setImmediate(() => options.onEnd({message: 'asked to stop'}))
      return {body: {pid: process.pid}}
    },
    backup: backupHandler({home: options.paths.home, agent, master}, options.openLog('backup')),
    readBlob: agent?.readBlob ?? notAnAgent,
    headBlob: agent?.readBlob ?? notAnAgent,
    upload: agent?.upload ?? notAnAgent,
    ...jobHandlersOf(agent),
  }
  if (master !== undefined) {
    return {...masterHandlers(master, own), rules: rulesHandler(options.paths.home), ...onNode}
  }
  const address = httpOf(options.join)
  const onward: Handler = call => passOn(call, address, options.ca)
  const passed = Object.fromEntries(Object.keys(endpoints).map(name => [name, onward])) as unknown as Handlers
  return {...passed, ...onNode}
}

function jobHandlersOf(agent: Agent | undefined): Record<AgentJobEndpoint, Handler> {
  if (agent !== undefined) return agentJobHandlers(agent.jobHandlerPorts)
  return {
    readJobFile: notAnAgent,
    fetchJobFile: notAnAgent,
    fetchBlob: notAnAgent,
    headFetch: notAnAgent,
    readOob: notAnAgent,
    listOob: notAnAgent,
    findPartials: notAnAgent,
  }
}

const notAnAgent: Handler = async () => {
  throw new UserError('BLOB_NOT_FOUND', 'this node is a master only: it holds no blobs')
}

/** Handlers that are there when the node is: requests that come before wait for nothing and are told so. */
export function lateHandlers(get: () => Handlers | undefined): Handlers {
  const late =
    (name: keyof Handlers): Handler =>
    (call: ApiCall) => {
      const handlers = get()
      if (handlers === undefined) throw new ClusterError('UNAVAILABLE', 'the node is starting')
      return handlers[name](call)
    }
  return Object.fromEntries(
    Object.keys(endpoints).map(name => [name, late(name as keyof Handlers)]),
  ) as unknown as Handlers
}

/** `ws://host:port` as `http://host:port`. */
export function httpOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const url = meshUrl(address)
  return `${url.protocol === 'wss:' ? 'https' : 'http'}://${url.host}`
}
