/**
 * Contributions to presidential candidates, by state and by occupation.
 *
 * Reads the file of the Federal Election Commission's bulk data (`P00000001-ALL.txt`: CSV with a header line and a
 * superfluous comma at the end of each row). The steps for each record, in this order:
 *
 *     partsPreprocess    drops what is no contribution
 *     fieldTransforms    give each candidate and each occupation one spelling
 *     keysets            two tables; each drops its small groups at the end (partsPostprocess)
 *
 * To see what they do to one line: inferno trace election.presidential --input FILE --line 42
 */
import {alphanumeric, defineRule, field, type Postprocess, type Transform, upper, where} from 'disco-inferno'

const columns = [
  'cmte_id',
  'cand_id',
  'cand_nm',
  'contbr_nm',
  'contbr_city',
  'contbr_st',
  'contbr_zip',
  'contbr_employer',
  'contbr_occupation',
  'contb_receipt_amt',
  'contb_receipt_dt',
  'receipt_desc',
  'memo_cd',
  'memo_text',
  'form_tp',
  'file_num',
  'tran_id',
  'election_tp',
]

/** Different words for one thing, after alphanumeric() has made them lower case without punctuation. */
const sameOccupation: Readonly<Record<string, string>> = {
  '': 'unknown',
  'information requested': 'unknown',
  'information requested per best efforts': 'unknown',
  'attorney at law': 'attorney',
  lawyer: 'attorney',
  self: 'self employed',
  rancher: 'farmer',
}

/** A transform of our own: gets one value, returns the new one. Short CSV rows have null here. */
const occupation: Transform = value => {
  const text = String(value ?? '')
  return sameOccupation[text] ?? text
}

/** A postprocessor: values[1] is the sum of the amounts, params.threshold comes from below or from -P threshold=1000. */
const dropSmall: Postprocess = function* (key, values, params) {
  if (Number(values[1]) >= Number(params.threshold)) yield [key, values]
}

export default defineRule({
  name: 'presidential',
  description: 'Contributions by candidate and state, and by candidate and occupation',
  format: {type: 'csv', fields: columns},
  params: {threshold: 100},

  partsPreprocess: [
    // A condition made of fields is checked before the record is even put together. This one also drops the header line.
    where(field('cand_id').startsWith('P')),
    // Any function will do: return the record, another one, several (an array or a generator), or null to drop it.
    // Memo entries repeat amounts that are reported elsewhere.
    parts => (parts.memo_cd === 'X' ? null : parts),
  ],
  // What functions read beside the fields that the rule names: the scan then hands them small records, which is faster.
  fields: ['memo_cd'],

  // Several transforms of one field run one after the other.
  fieldTransforms: {
    cand_nm: alphanumeric,
    contbr_st: upper,
    contbr_occupation: [alphanumeric, occupation],
  },

  keysets: {
    by_state: {
      keyParts: ['cand_nm', 'contbr_st'],
      valueParts: ['count', 'contb_receipt_amt'],
      columnMappings: {cand_nm: 'candidate', contbr_st: 'state', contb_receipt_amt: 'amount'},
      partsPostprocess: [dropSmall],
    },
    by_occupation: {
      keyParts: ['cand_nm', 'contbr_occupation'],
      valueParts: ['count', 'contb_receipt_amt'],
      columnMappings: {cand_nm: 'candidate', contbr_occupation: 'occupation', contb_receipt_amt: 'amount'},
      partsPostprocess: [dropSmall],
    },
  },

  examples: [
    {
      name: 'spellings are brought together, small groups and memo entries are left out',
      params: {threshold: 200},
      input: [
        columns.join(','),
        'C1,P1,"Harper, Alice B.",A,,MA,,,ATTORNEY,150,05-JUL-11,,,,SA17A,1,1,P2012,',
        'C1,P1,"HARPER, ALICE B",B,,ma,,,Attorney at Law,100.25,05-JUL-11,,,,SA17A,1,2,P2012,',
        'C1,P1,"Harper, Alice B.",C,,TX,,,,199.99,05-JUL-11,,,,SA17A,1,3,P2012,',
        'C1,P1,"Harper, Alice B.",D,,MA,,,ATTORNEY,5000,05-JUL-11,,X,,SA18,1,4,P2012,',
      ],
      rows: {
        by_state: [['harper alice b', 'MA', 2, 250.25]],
        by_occupation: [['harper alice b', 'attorney', 2, 250.25]],
      },
    },
    {
      name: 'a refund is subtracted',
      input: [
        'C2,P2,"Okafor, Daniel",E,,AL,,,TEACHER,500,05-JUL-11,,,,SA17A,1,5,P2012,',
        'C2,P2,"Okafor, Daniel",E,,AL,,,TEACHER,-100,06-JUL-11,Refund,,,SB28A,1,6,P2012,',
      ],
      rows: {
        by_state: [['okafor daniel', 'AL', 2, 400]],
        by_occupation: [['okafor daniel', 'teacher', 2, 400]],
      },
    },
  ],
})
