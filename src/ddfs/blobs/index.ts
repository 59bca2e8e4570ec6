export {checkBlobs} from './check.ts'
export type {RoundCounts, RoundResult} from './collect-state.ts'
export type * from './events.ts'
export {checkTagPage, type Fsck, type FsckProblem, type FsckSummary, makeFsck, summariseFsck} from './fsck.ts'
export type {
  BalanceStatus,
  BlobStatus,
  CollectionStatus,
  DrainStatus,
  RepairStatus,
  ScrubRequestStatus,
  ScrubStatus,
} from './report.ts'
export {isRepaired, listMissing} from './report.ts'
export {type BlobSettings, blobSettingsDefault} from './settings.ts'
export {type BlobState, type BlobStateOptions, makeBlobState} from './state.ts'
export {stepBlobs} from './step.ts'
