/** Appends to tags until it is killed, and prints a line when a batch has been acknowledged. Argument: the database. */
import {openTagStore} from '../../../../src/storage/index.ts'
import {appendOf, entryOf} from './commits.ts'

const {store} = await openTagStore(process.argv[2]!)
for (let counter = (store.heads('', 1)[0]?.version.counter ?? 0) + 1; ; counter++) {
  const replies = store.handleAll(['a', 'b', 'c'].map(tag => appendOf(tag, counter, [entryOf(`${tag}-${counter}`)])))
  if (replies.some(reply => reply.type !== 'applied')) throw new Error(JSON.stringify(replies))
  process.stdout.write(`${counter}\n`)
}
