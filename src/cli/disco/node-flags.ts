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
  drain: Flags.integer({
    description: 'when it is stopped, tasks get so long to end; the same signal again ends them at once',
    default: 10,
    min: 0,
    max: 3600,
    env: 'DISCO_DRAIN',
    helpValue: 'SECONDS',
  }),
}

/** Of masters. */
export const legacyFlags = {
  'legacy-api': Flags.boolean({
    description: "open Disco's own HTTP interface without tokens, for its clients on this machine (docs/from-disco.md)",
  }),
  'legacy-put-port': Flags.integer({
    description: 'with --legacy-api: port at which Disco clients put blobs',
    default: 8990,
    env: 'DDFS_PUT_PORT',
    min: 0,
    max: 65_535,
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
  partials: Flags.string({
    description: 'room for what rules have scanned of blobs already, below the folder of the node; 0 for none',
    default: '2GiB',
    env: 'DISCO_PARTIALS',
    helpValue: 'BYTES',
  }),
  'task-user': Flags.string({
    description:
      'only as root: jobs with code run as this user, or as those between two numbers, each process as another',
    helpValue: 'NAME|UID|UID-UID',
    env: 'DISCO_TASK_USER',
  }),
  slots: Flags.integer({
    description: 'tasks to run at once',
    default: availableParallelism(),
    defaultHelp: async () => 'one a core',
    min: 0,
  }),
}
