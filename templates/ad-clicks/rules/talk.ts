/**
 * The rule of the talk "Dancing with Big Data", as it reads today.
 *
 *     InfernoRule(                                      defineRule({
 *         map_input_stream=chunk_json_stream,               mapInputStream: chunkJsonStream,
 *         source_tags=['adserver:chunk:clicks'],            sourceTags: ['adserver:chunk:clicks'],
 *         reduce_function=pure_maps.sorted_reduce,          reduceFunction: sortedReduce,
 *         key_parts=['ad_id', 'site_id'],                   keyParts: ['ad_id', 'site_id'],
 *         value_parts=['count'],                            valueParts: ['count'],
 *         field_transforms={'ad_id': to_int},               fieldTransforms: {ad_id: toInt},
 *     )                                                 })
 */
import {chunkJsonStream, defineRule, sortedReduce, toInt} from 'disco-inferno'

export default defineRule({
  name: 'clicks_by_site',
  description: 'Counts the clicks of each ad on each site',
  mapInputStream: chunkJsonStream,
  sourceTags: ['adserver:chunk:clicks'],
  reduceFunction: sortedReduce,
  keyParts: ['ad_id', 'site_id'],
  valueParts: ['count'],
  fieldTransforms: {ad_id: toInt},
  examples: [
    {
      input: [
        {ad_id: 1, site_id: 'a'},
        {ad_id: '01', site_id: 'a'},
        {ad_id: 2, site_id: 'a'},
        {ad_id: 1, site_id: 'b'},
      ],
      rows: [
        ['1', 'a', 2],
        ['1', 'b', 1],
        ['2', 'a', 1],
      ],
    },
  ],
})
