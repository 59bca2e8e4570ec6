/** Two tables from one pass, for the benchmark's case of that name. */
import {defineRule} from 'disco-inferno'

export default defineRule({
  name: 'two_tables',
  format: 'json',
  keysets: {
    by_size: {keyParts: ['size'], valueParts: ['count']},
    by_campaign: {keyParts: ['campaign_id', 'domain'], valueParts: ['count', 'price']},
  },
})
