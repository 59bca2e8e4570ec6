/**
 * Orders with the names of who ordered, from two kinds of files: a join.
 *
 * A pipeline says its stages itself. The first one tags each record with its side, the second sees both sides of a customer
 * together: pairs are sorted by key, and the key `[customer, side]` brings the customer before the orders.
 */
import {defineJob} from 'disco-inferno'

type Row = Record<string, unknown>

export default defineJob({
  name: 'join',
  inputs: ['data/*.ndjson'],
  reader: 'json',
  stages: [
    {
      name: 'read',
      grouping: 'split',
      sort: true,
      partitions: 4,
      // By the customer alone: both sides have to meet.
      partition: (key, partitions) => Number((key as [number, number])[0]) % partitions,
      async process(input, context) {
        for await (const record of input) {
          const row = record as Row
          if ('order' in row) context.emit([Number(row['customer']), 1], row)
          else context.emit([Number(row['id']), 0], row)
        }
      },
    },
    {
      name: 'join',
      grouping: 'group-label',
      merge: true,
      *process(input, context) {
        let customer: Row | undefined
        for (const [key, values] of input.groups()) {
          const [id, side] = key as [number, number]
          for (const value of values) {
            const row = value as Row
            if (side === 0) customer = row
            else if (customer?.['id'] === id)
              yield [Number(row['order']), {name: customer['name'], total: row['total']}]
            else context.counter('orders of nobody')
          }
        }
      },
    },
  ],
})
