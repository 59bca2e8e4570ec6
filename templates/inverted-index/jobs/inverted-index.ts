/** Which documents hold a word, and in which lines? An index like the one at the end of a book. */
import {defineJob} from 'disco-inferno'

interface Document {
  id: string
  text: string
}

export default defineJob({
  name: 'inverted-index',
  inputs: ['data/*.ndjson'],
  reader: 'json',

  *map(record, context) {
    const {id, text} = record as unknown as Document
    context.counter('documents')
    const words = new Set(text.toLowerCase().match(/\p{L}+/gu))
    for (const word of words) yield [word, [id]]
  },

  // One value out of several of the same kind: lists become one list.
  combine: (_word, lists) => [...lists].flat(),

  *reduce(word, lists, context) {
    const documents = [...new Set([...lists].flat())].sort()
    // Words that are nearly everywhere are of no use to find anything.
    if (documents.length <= Number(context.params['documentsMax'])) yield [word, documents]
    else context.counter('words left out')
  },

  partitions: 4,
  params: {documentsMax: 3},
})
