export {createSql} from './create.ts'
export {exportSql, type SqlExport, type SqlName, type SqlRefusal, sqlOf, sqlText} from './script.ts'
