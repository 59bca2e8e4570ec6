/**
 * The engines, in the order of the table. All read the same records; `readResult` says what they print.
 *
 * An engine has `id`, `peer` (whose speed counts together), `title`, perhaps `detail`, `version()` (undefined: not
 * installed) and `variants(one, data)`: its ways of answering a case, none if it cannot sensibly. A way has `argv(temp)`
 * and perhaps `detail`; `temp` is the path of a folder that need not exist and goes away after the run.
 */
import {chdb, chdbTolerant} from './engines/chdb.mjs'
import {duckdb, duckdbTolerant} from './engines/duckdb.mjs'
import {newlines} from './engines/newlines.mjs'
import {ours, oursRow} from './engines/ours.mjs'
import {gawk, jq, mawk, miller} from './engines/slow.mjs'

export const engines = [newlines, ours, oursRow, duckdb, duckdbTolerant, chdb, chdbTolerant, miller, jq, mawk, gawk]
