/** Options of a node that is master and agent, in the process of a test. */
import {homePaths} from '../../../src/client/index.ts'
import type {NodeOptions} from '../../../src/cluster/index.ts'

/** @param home - its folder */
export const nodeOptions = (home: string, more: Partial<NodeOptions> = {}): Omit<NodeOptions, 'onEnd'> => ({
  paths: homePaths(home),
  isMaster: true,
  isAgent: true,
  host: '127.0.0.1',
  port: 0,
  name: 'n1',
  reserveBytes: 0,
  isInsecure: false,
  force: false,
  slotCount: 1,
  software: 'test',
  openLog: () => () => undefined,
  ...more,
})
