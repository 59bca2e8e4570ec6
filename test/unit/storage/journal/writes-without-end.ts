/** Commits batches of a hundred rows for ever and says after each one how many there are; dies in the middle of one. */
import {openJournal} from '../../../../src/storage/index.ts'

const journal = await openJournal(process.argv[2]!)
for (let batch = 0; ; batch++) {
  journal.commit(
    Array.from({length: 100}, (_, index) => ({
      type: 'persist-task' as const,
      row: {job: 'words@1', task: batch * 100 + index, note: 'x'.repeat(500)},
    })),
  )
  process.stdout.write(`${batch + 1}\n`)
}
