/** A client of the cluster that a command means. Imported by who may need none, when it does. */
import {type ClusterChoice, ClusterClient, findCluster} from '../client/index.ts'

/** The caller closes it. @throws as findCluster */
export const openClient = (choice: ClusterChoice): ClusterClient => new ClusterClient(findCluster(choice))
