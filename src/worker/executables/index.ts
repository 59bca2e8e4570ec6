/** Workers of other languages: Disco's job packs, and one task run by Disco's worker protocol. */
export {type DiscoPlan, readDiscoPlan} from './disco-plan.ts'
export {ownFolderName} from './run-folder.ts'
export type {WorkerPorts, WorkerResult, WorkerRunSpec} from './run-spec.ts'
export {runWorker} from './run-worker.ts'
export type {RemoteOutput, SessionInput} from './session.ts'
export {type ExecutablePart, type UnpackedDisco, unpackDisco} from './unpack-disco.ts'
export {readZip, writeZip, type ZipFile, type ZipSource} from './zip.ts'
