/**
 * Where do the ads run, what do they cost, who clicks? Two tables from one pass over the logs.
 *
 * One line of the log (broken here):
 *
 *     {"time":"1330969562706","domain":"bighealthtree.com","campaign_id":11056,"search_term":"winter tires",
 *      "size":"728x90","ip_address":"10.0.0.1","price":0.0123,"clicked":false}
 */
import {count, defineRule, hour, type Postprocess, sum, toInt} from 'disco-inferno'

/**
 * A postprocessor sees each finished row and yields it, something else, or nothing.
 *
 * `key[0]` is the keyset's name and `values` are the totals in the order of the value parts: values[0] is the count.
 * The limit is a parameter: -P least=100 on the command line.
 */
const dropRare: Postprocess = function* (key, values, params) {
  if (Number(values[0]) >= Number(params.least)) yield [key, values]
}

export default defineRule({
  name: 'traffic',
  description: 'Impressions, cost and clicks by campaign and site, and by size and hour',
  format: 'json',

  // Values that rules and the command line share; functions get them as `params`.
  params: {least: 1},

  // Transforms change one field before anything is grouped. Here "11056", 11056 and "011056" become one campaign.
  fieldTransforms: {campaign_id: toInt},

  // Each keyset is a table of its own. All of them see every record; the file is read once.
  keysets: {
    by_campaign: {
      keyParts: ['campaign_id', 'domain'],
      valueParts: {
        impressions: count(),
        cost: sum('price'), // decimals are added exactly: 0.1 and 0.2 are 0.3
        clicks: sum('clicked'), // true counts 1, false 0
      },
      // What the header says; the names in the data stay as they are.
      columnMappings: {campaign_id: 'campaign', domain: 'site'},
      partsPostprocess: [dropRare],
    },
    by_size_and_hour: {
      // A key part can be computed: the hour of a timestamp (UTC; another zone: hour('time', {zone: 'America/Toronto'})).
      keyParts: ['size', hour('time')],
      valueParts: {impressions: count(), cost: sum('price'), clicks: sum('clicked')},
    },
  },

  examples: [
    {
      name: 'one campaign on two sites',
      input: [
        {time: '1330930800000', domain: 'a.com', campaign_id: 7, size: '728x90', price: 0.1, clicked: true},
        {time: '1330930860000', domain: 'a.com', campaign_id: '007', size: '728x90', price: 0.2, clicked: false},
        {time: '1330934400000', domain: 'b.com', campaign_id: 7, size: '300x250', price: 1.5, clicked: false},
      ],
      rows: {
        by_campaign: [
          ['7', 'a.com', 2, 0.3, 1],
          ['7', 'b.com', 1, 1.5, 0],
        ],
        by_size_and_hour: [
          ['300x250', '2012-03-05T08', 1, 1.5, 0],
          ['728x90', '2012-03-05T07', 2, 0.3, 1],
        ],
      },
    },
    {
      name: 'rare rows can be left out',
      params: {least: 2},
      input: [
        {domain: 'a.com', campaign_id: 7, price: 0.1},
        {domain: 'a.com', campaign_id: 7, price: 0.1},
        {domain: 'b.com', campaign_id: 7, price: 0.1},
      ],
      rows: {by_campaign: [['7', 'a.com', 2, 0.2, 0]]},
    },
  ],
})
