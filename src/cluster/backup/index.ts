export {backupHandler} from './backup-handler.ts'
