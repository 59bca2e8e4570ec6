/** Flags of commands that cut text into chunks at the ends of records. */
import {Flags} from '@oclif/core'

export const cutFlags = {
  'max-record': Flags.string({
    char: 'Z',
    description: 'a longer record is an error',
    default: '16MiB',
    helpValue: 'BYTES',
  }),
  gzip: Flags.boolean({description: 'compress with gzip', exclusive: ['plain']}),
  plain: Flags.boolean({description: 'do not compress'}),
  csv: Flags.boolean({description: 'rows of CSV: line ends in quotes do not end a record'}),
  // A default would count as given, and ask for --csv.
  separator: Flags.string({description: 'between fields of CSV; a comma without it', dependsOn: ['csv']}),
  'no-header': Flags.boolean({description: 'the first row of the CSV is a record, too', dependsOn: ['csv']}),
  statistics: Flags.string({
    description:
      'JSON lines: keep with each chunk what these top-level fields are in its records, so that rules skip chunks they use nothing of; repeatable',
    multiple: true,
    multipleNonGreedy: true,
    exclusive: ['plain', 'csv'],
    helpValue: 'FIELDS',
  }),
}
