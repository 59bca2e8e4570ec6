/** What scans blobs: the nodes that hold them. A rule that says `forceLocal` is scanned here by the run itself. */
import {type ScanBlobs, scanOnCluster} from '../project/index.ts'

export const scanner: ScanBlobs = request => scanOnCluster(request)
