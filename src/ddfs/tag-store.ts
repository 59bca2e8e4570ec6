/**
 * The port behind which tags are kept. It is declared in `protocol`, because `storage` (SQLite) implements it too and
 * knows nothing of `ddfs`.
 */
export type {InstallResult, StoreRequest, TagStore} from '../protocol/index.ts'
