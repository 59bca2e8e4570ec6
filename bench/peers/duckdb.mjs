/** Runs statements in DuckDB, which writes CSV to standard output itself. Argument: a JSON object, see ../engines/duckdb.mjs. */
import {DuckDBInstance} from '@duckdb/node-api'

const {statements, memory, threads, tempFolder} = JSON.parse(process.argv[2])
const instance = await DuckDBInstance.create(':memory:', {
  threads: String(threads),
  temp_directory: tempFolder,
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  ...(memory === undefined ? {} : {memory_limit: memory}),
  preserve_insertion_order: 'false',
})
const connection = await instance.connect()
for (const statement of statements) await connection.run(statement)
connection.closeSync()
