/** Follows a folder until it is killed. Arguments: folder, ledger, folder of the cluster. Prints a line when it has begun. */
import {followFolder} from '../../../../src/daemon/index.ts'
import {openWatchLedger} from '../../../../src/storage/index.ts'
import {FolderCluster} from './folder-cluster.ts'
import {testOptions} from './test-options.ts'

const [logs = '', ledgerPath = '', clusterFolder = ''] = process.argv.slice(2)
const cluster = new FolderCluster(clusterFolder)
const ledger = await openWatchLedger(ledgerPath, logs)
process.stdout.write('begun\n')
await followFolder({...testOptions(logs, ledgerPath), ageMs: 20}, ledger, cluster, new AbortController().signal)
