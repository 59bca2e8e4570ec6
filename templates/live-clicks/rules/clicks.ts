/**
 * Three tables that are up to date a moment after a line of the log was written. `inferno daemon` runs them.
 *
 * `ddfs watch` puts the logs of each host under `incoming:HOST:chunk:clicks:DAY`, chunk by chunk. One line of them:
 *
 *     {"time":"1795392000000","campaign_id":11056,"domain":"bighealthtree.com","size":"728x90","ip_address":"10.0.0.1",
 *      "price":0.0123,"clicked":false}
 */
import {count, day, defineRule, distinct, hour, sum, toInt} from 'disco-inferno'

/** The daemon runs the rules of files that say so. */
export const AUTORUN = true

/** A prefix: the logs of all hosts, of all days. */
const logs = ['incoming:']

/** After the last start. A run costs about a second of one processor; minutes are enough for most tables. */
const often = {seconds: 2}

/** A failed run is tried again: twice, the first time after half a minute. */
const patient = {retry: true, retryDelay: 1 / 120}

/**
 * Totals that only grow: each chunk is added once, and never read again.
 *
 * `archive` marks what is done, under `campaigns:…`. The database refuses a batch that it has: whatever is killed, and when,
 * each line counts once.
 */
export const campaigns = defineRule({
  name: 'campaigns',
  description: 'Impressions, clicks and cost of each campaign',
  sourceTags: logs,
  archive: true,
  archiveTagPrefix: 'campaigns',
  timeDelta: often,
  ...patient,
  fieldTransforms: {campaign_id: toInt},
  keyParts: ['campaign_id'],
  valueParts: {impressions: count(), clicks: sum('clicked'), cost: sum('price')},
  columnMappings: {campaign_id: 'campaign'},
  sink: {to: 'sqlite:clicks.db', mode: 'add'},
  examples: [
    {
      input: [
        {campaign_id: 7, price: 0.1, clicked: true},
        {campaign_id: '007', price: 0.2, clicked: false},
        {campaign_id: 8, price: 1.5, clicked: false},
      ],
      rows: [
        ['7', 2, 1, 0.3],
        ['8', 1, 0, 1.5],
      ],
    },
  ],
})

/** The same logs once more, with marks of their own: by hour and size of the ad. */
export const hours = defineRule({
  name: 'hours',
  description: 'Impressions, clicks and cost by hour and size',
  sourceTags: logs,
  archive: true,
  archiveTagPrefix: 'hours',
  timeDelta: often,
  ...patient,
  keyParts: [hour('time'), 'size'],
  valueParts: {impressions: count(), clicks: sum('clicked'), cost: sum('price')},
  sink: {to: 'sqlite:clicks.db', mode: 'add'},
  examples: [
    {
      input: [
        {time: '1795392000000', size: '728x90', price: 0.1, clicked: true},
        {time: '1795392060000', size: '728x90', price: 0.2, clicked: false},
        {time: '1795395600000', size: '728x90', price: 1.5, clicked: false},
      ],
      rows: [
        ['2026-11-23T00', '728x90', 2, 1, 0.3],
        ['2026-11-23T01', '728x90', 1, 0, 1.5],
      ],
    },
  ],
})

/**
 * People cannot be added up: whoever came in two chunks is one person. So this one reads everything each time and replaces its
 * table. The nodes keep what they made of a chunk, so that only new ones are scanned.
 *
 * With months of logs, read a day of one host: sourceTags: ['incoming:web1:chunk:clicks'], dayRange: 1.
 */
export const people = defineRule({
  name: 'people',
  description: 'Visitors of each site and day',
  sourceTags: logs,
  timeDelta: {seconds: 5},
  ...patient,
  keyParts: [day('time'), 'domain'],
  valueParts: {visitors: distinct('ip_address'), impressions: count()},
  columnMappings: {domain: 'site'},
  sink: {to: 'sqlite:clicks.db', mode: 'replace'},
  examples: [
    {
      input: [
        {time: '1795392000000', domain: 'a.com', ip_address: '10.0.0.1'},
        {time: '1795392060000', domain: 'a.com', ip_address: '10.0.0.1'},
        {time: '1795392120000', domain: 'b.com', ip_address: '10.0.0.1'},
      ],
      rows: [
        ['2026-11-23', 'a.com', 1, 2],
        ['2026-11-23', 'b.com', 1, 1],
      ],
    },
  ],
})
