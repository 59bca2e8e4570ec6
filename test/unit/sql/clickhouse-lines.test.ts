import {expect, test} from 'vitest'
import {clickhouseLines} from '../../../src/sql/index.ts'

test('copies stand in for each other, inputs come one after the other', () => {
  const urls = [['http://a/1', 'http://b/1'], ['http://a/2']]
  expect(clickhouseLines([{type: 'urls', urls, compression: 'zstd'}])).toBe(
    "SELECT line FROM url('{http://a/1|http://b/1,http://a/2}', 'LineAsString', 'line String', 'zstd')",
  )
})

test('what would be a pattern in an address is encoded', () => {
  const urls = [["http://a/{x,y}|z'"]]
  expect(clickhouseLines([{type: 'urls', urls, compression: 'none', cluster: 'main'}])).toBe(
    "SELECT line FROM urlCluster('main', 'http://a/%7Bx%2Cy%7D%7Cz\\'', 'LineAsString', 'line String', 'none')",
  )
})

test('many addresses are several reads, as the server expands a thousand at once', () => {
  const urls = Array.from({length: 1001}, (_, index) => [`http://a/${index}`, `http://b/${index}`])
  const queries = clickhouseLines([{type: 'urls', urls, compression: 'none'}]).split('\nUNION ALL\n')
  expect(queries).toHaveLength(5)
  expect(queries.join('').match(/http:\/\/a\/\d+/g)).toHaveLength(1001)
})

test('names of tables are quoted, and nothing at all is a query without rows', () => {
  expect(clickhouseLines([{type: 'table', database: 'w', table: 'a`b', column: 'c'}])).toBe(
    'SELECT toString(`c`) AS line FROM `w`.`a\\`b`',
  )
  expect(clickhouseLines([])).toBe("SELECT '' AS line WHERE 0")
})

test('files whose first line names the fields are read as a whole', () => {
  const query = clickhouseLines([{type: 'urls', urls: [['http://n1/a']], compression: 'gzip'}], true)
  expect(query).toMatch(/^SELECT line, header, place = header_place AS is_header/)
  expect(query).toContain("(SELECT content FROM url('http://n1/a', 'RawBLOB', 'content String', 'gzip'))")
})
