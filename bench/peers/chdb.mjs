/** Runs one query in ClickHouse (chdb), which writes CSV to standard output itself. */
import {query} from 'chdb'

query(process.argv[2], 'CSV')
