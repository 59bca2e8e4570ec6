export * from './job-client.ts'
export {machineId, type OpenedFile} from './this-machine.ts'
