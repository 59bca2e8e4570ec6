import type {FollowOptions} from '../../../../src/daemon/index.ts'

export const testOptions = (logs: string, ledger: string): FollowOptions => ({
  folder: logs,
  isRecursive: false,
  codec: 'zstd',
  format: {type: 'lines'},
  hasHeader: false,
  statistics: [],
  spoolFolder: `${ledger}.spool`,
  chunkBytes: 4096,
  ageMs: 200,
  isOnce: false,
  isFromEnd: false,
  isPolling: false,
  isWanted: () => true,
  tagOf: () => 'logs',
  onReport: () => undefined,
})
