/**
 * How often does each first name occur? The smallest rules there are.
 *
 * A rule file exports rules: as default export (one, or a list) or under any names. What the command line calls them
 * is `FILE.RULE`, here `names.first_names_json` and `names.first_names_csv`.
 */
import {defineRule} from 'disco-inferno'

export const fromJson = defineRule({
  name: 'first_names_json',
  description: 'Counts first names in JSON lines',
  format: 'json',

  // Records with the same key parts end up in one row …
  keyParts: ['first'],
  // … and value parts are added up. `count` is special: every record adds 1, unless it has a field of that name.
  valueParts: ['count'],

  // Checked by `inferno test`: input lines and the rows they must give.
  examples: [
    {
      name: 'an accented name is one name, however JSON spells it',
      input: ['{"first":"Zoë"}', '{"first":"Zo\\u00eb"}', '{"first":"Ana"}'],
      rows: [
        ['Ana', 1],
        ['Zoë', 2],
      ],
    },
    {
      name: 'a record without a first name belongs to no row, a broken line is counted as bad',
      input: [{first: 'Ana'}, {last: 'Marsh'}, '{"first":"Bo'],
      rows: [['Ana', 1]],
      bad: 1,
    },
  ],
})

export const fromCsv = defineRule({
  name: 'first_names_csv',
  description: 'Counts first names in CSV',
  // Our file has no header line, so the columns are named here. With one: fields: 'header'.
  format: {type: 'csv', fields: ['first', 'last']},
  keyParts: ['first'],
  valueParts: ['count'],
  examples: [
    {
      input: ['Zoë,Adeyemi', 'Ana,Okafor', '"Zoë","Marsh"'],
      rows: [
        ['Ana', 1],
        ['Zoë', 2],
      ],
    },
  ],
})
