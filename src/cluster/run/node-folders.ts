/** The folders that a node locks while it runs. */
import {mkdirSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {isNodeName, type NodeName} from '../../protocol/index.ts'
import {openNodeFolder} from '../../storage/index.ts'
import type {NodeOptions} from './options.ts'

/** Of the master. @throws as openNodeFolder */
export async function lockMasterFolder({paths}: Pick<NodeOptions, 'paths'>): ReturnType<typeof openNodeFolder> {
  mkdirSync(paths.home, {recursive: true, mode: 0o700})
  return openNodeFolder(paths.master, {defaultName: 'master'})
}

/** Of the agent; its name is that of the machine unless it has one. @throws as openNodeFolder */
export async function openAgentFolder({
  paths,
  folder,
  name,
}: Pick<NodeOptions, 'paths' | 'folder' | 'name'>): ReturnType<typeof openNodeFolder> {
  const defaultName = defaultNodeName()
  const path = folder ?? join(paths.nodes, name ?? defaultName)
  mkdirSync(join(path, '..'), {recursive: true, mode: 0o700})
  return openNodeFolder(path, {defaultName, ...(name === undefined ? {} : {name})})
}

/** The machine's name, if it can be a node's. */
function defaultNodeName(): NodeName {
  const name = (hostname().split('.')[0] ?? '').toLowerCase()
  return isNodeName(name) ? name : 'node'
}
