/** A rule's scan over blobs, wherever it runs. */
import type {ClusterScan, ClusterScanRequest} from './cluster-scan.ts'

export type RuleScan = ClusterScan
export type ScanBlobs = (request: ClusterScanRequest) => Promise<RuleScan>
