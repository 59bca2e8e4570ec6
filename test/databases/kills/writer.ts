/**
 * Writes batches from a number on, until the last or until it is killed: `writer.ts ADDRESS FROM COUNT`. Says "begun" when
 * the first is about to be written and `done N` after each. Like the real thing it may begin with one that is there already.
 */
import {openSink} from '../../../src/sinks/open-sink.ts'
import {batch, never} from '../place.ts'
import {batchOf, tablesOfMode} from './batches.ts'

const [address, from, count] = process.argv.slice(2) as [string, string, string]
for (let index = Number(from); index < Number(count); index++) {
  const {name, scope, mode, rows} = batchOf(index)
  const sink = await openSink({to: address, mode}, tablesOfMode(mode))
  if (index === Number(from)) process.stdout.write('begun\n')
  await sink.write(batch(name, scope), rows, never)
  await sink.close()
  process.stdout.write(`done ${index}\n`)
}
