/**
 * What a web server was asked for, from its access log in the combined format of Apache and nginx.
 *
 * The reader gives these fields: host, ident, user, time, method, path, protocol, status, bytes, referer, agent; a dash in
 * the log is null. For the common format (without referer and agent) say format: 'common-log'.
 */
import {count, defineRule, distinct, hour, p95, replace, sum, topK} from 'disco-inferno'

export default defineRule({
  name: 'requests',
  description: 'Requests by path and status, and by hour',
  format: 'combined-log',

  // /search?q=tires and /search?q=ski are one path.
  fieldTransforms: {path: replace('\\?.*$', '')},

  keysets: {
    by_path: {
      keyParts: ['path', 'status'],
      valueParts: {
        requests: count(),
        bytes_p95: p95('bytes'), // 95 of 100 answers were at most this long
        hosts: distinct('host'), // how many different ones
        agents: topK('agent', 3), // the most frequent ones, each with its count
      },
    },
    by_hour: {
      keyParts: [hour('time')],
      valueParts: {requests: count(), bytes: sum('bytes'), hosts: distinct('host')},
    },
  },

  examples: [
    {
      name: 'queries do not matter, hours are UTC, other lines are counted as bad',
      input: [
        '192.0.2.1 - - [05/Mar/2012:07:00:01 +0000] "GET /a?x=1 HTTP/1.1" 200 100 "-" "Firefox"',
        '192.0.2.2 - - [05/Mar/2012:09:00:02 +0100] "GET /a?x=2 HTTP/1.1" 200 100 "-" "Firefox"',
        'connection reset by peer',
      ],
      rows: {
        by_path: [['/a', '200', 2, 100, 2, [{value: 'Firefox', count: 2}]]],
        by_hour: [
          ['2012-03-05T07', 1, 100, 1],
          ['2012-03-05T08', 1, 100, 1],
        ],
      },
      bad: 1,
    },
  ],
})
