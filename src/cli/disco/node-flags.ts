/** Flags of the commands that run a node: `disco start`, `disco master`, `disco agent`. */
import {availableParallelism} from 'node:os'
import {Flags} from '@oclif/core'
import {clusterFlags} from '../cluster-flags.ts'

export const listenFlags = {
  home: clusterFlags.home,
  host: Flags.string({
    description: 'address to listen at; beyond this machine only with TLS or --insecure',
    default: '127.0.0.1',
    env: 'DISCO_HOST',
    helpValue: 'ADDRESS',
  }),
  advertise: Flags.string({
    description: 'URL under which others reach this node, if it is not host and port',
    helpValue: 'URL',
  }),
  'tls-cert': Flags.string({description: 'certificate of this node (PEM)', helpValue: 'FILE', env: 'DISCO_TLS_CERT'}),
  'tls-key': Flags.string({description: 'its private key (PEM)', helpValue: 'FILE', env: 'DISCO_TLS_KEY'}),
  ca: clusterFlags.ca,
  insecure: Flags.boolean({description: 'listen beyond this machine without TLS: the network is mine alone'}),
  'log-level': Flags.string({
    description: 'least level of lines in the log (JSON lines on stderr)',
    options: ['debug', 'info', 'warn', 'error'],
    default: 'info',
    env: 'DISCO_LOG_LEVEL',
  }),
}

export const agentFlags = {
  volume: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'folder for blobs, one a disk; repeatable; by default one in the folder of the node',
    helpValue: 'DIR',
  }),
  reserve: Flags.string({
    description: 'room to leave on every volume; a node with less takes no new data',
    default: '1GiB',
    env: 'DISCO_RESERVE',
    helpValue: 'BYTES',
  }),
  slots: Flags.integer({
    description: 'tasks to run at once',
    default: availableParallelism(),
    defaultHelp: async () => 'one a core',
    min: 0,
  }),
}
