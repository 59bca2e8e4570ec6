/**
 * What is computed: the ten cases of the scan kernel.
 *
 * A case names its fields by path; `columns` are the types of all fields that its query needs, `goals` the least speed
 * as a multiple of a peer's best, `isScan`: reading is most of the work, `--large` runs it as well. A result has a row for each group of each keyset: keys, count and, if asked for, a sum.
 */
import {adCsv, adLogs, compressedAdLogs, distinctKeys, distinctKeysIn, nestedLogs, oneAdLog, wideLogs} from './data.mjs'

/** The budget of the third case, for engines that can be given one. */
const distinctMemory = '256MiB'
/** Of the last case, whatever `--size` says: what it measures is a small job. */
const smallMb = 10

/** The goals of every case beside its own. */
const goalsEverywhere = {miller: 30, jq: 30}

const campaigns = {keys: ['campaign_id', 'domain'], sum: 'price'}
const campaignColumns = {campaign_id: 'integer', domain: 'text', price: 'double'}
const sizes = {keys: ['size'], sum: undefined}

const list = [
  {
    id: 'few',
    isScan: true,
    title: 'a · ad logs: count by size (8 groups)',
    keysets: [sizes],
    columns: {size: 'text'},
    data: ({sizeMb, isJoined}) => adLogs(sizeMb, isJoined),
    slowData: ({slowSizeMb}) => adLogs(slowSizeMb),
    goals: {duckdb: 3, chdb: 3},
  },
  {
    id: 'many',
    isScan: true,
    title: 'b · ad logs: count and sum(price) by campaign_id and domain',
    keysets: [campaigns],
    columns: campaignColumns,
    data: ({sizeMb, isJoined}) => adLogs(sizeMb, isJoined),
    slowData: ({slowSizeMb}) => adLogs(slowSizeMb),
    goals: {duckdb: 2, chdb: 2},
  },
  {
    id: 'distinct',
    title: 'c · count by a key that is different in every record, within 256 MiB',
    keysets: [{keys: ['visitor'], sum: undefined}],
    columns: {visitor: 'text'},
    memory: distinctMemory,
    data: ({keyCount}) => distinctKeys(keyCount),
    slowData: ({slowSizeMb, keyCount}) => distinctKeys(Math.min(keyCount, distinctKeysIn(slowSizeMb))),
    goals: {duckdb: 1},
  },
  {
    id: 'wide',
    isScan: true,
    title: 'd · 60 fields, three used: count and sum(duration_ms) by service and status',
    keysets: [{keys: ['service', 'status'], sum: 'duration_ms'}],
    columns: {service: 'text', status: 'integer', duration_ms: 'double'},
    data: ({sizeMb, isJoined}) => wideLogs(sizeMb, isJoined),
    slowData: ({slowSizeMb}) => wideLogs(slowSizeMb),
    goals: {duckdb: 3, chdb: 3},
  },
  {
    id: 'nested',
    isScan: true,
    title: 'e · nested, with escapes: count and sum(metrics.cost) by user.geo.city and page.section',
    keysets: [{keys: ['user.geo.city', 'page.section'], sum: 'metrics.cost'}],
    columns: {'user.geo.city': 'text', 'page.section': 'text', 'metrics.cost': 'double'},
    data: ({sizeMb, isJoined}) => nestedLogs(sizeMb, isJoined),
    slowData: ({slowSizeMb}) => nestedLogs(slowSizeMb),
    goals: {duckdb: 2, chdb: 2},
  },
  {
    id: 'filter',
    isScan: true,
    title: 'f · a filter that keeps 1 %: count and sum(price) by domain where price > 5.5',
    keysets: [{keys: ['domain'], sum: 'price'}],
    columns: {domain: 'text', price: 'double'},
    where: {field: 'price', above: 5.5},
    data: ({sizeMb, isJoined}) => adLogs(sizeMb, isJoined),
    slowData: ({slowSizeMb}) => adLogs(slowSizeMb),
    goals: {duckdb: 3, chdb: 3},
  },
  {
    id: 'csv',
    isScan: true,
    title: 'g · CSV with quotes: count and sum(price) by campaign_id and domain',
    keysets: [campaigns],
    columns: campaignColumns,
    isCsv: true,
    data: ({sizeMb, isJoined}) => adCsv(sizeMb, isJoined),
    slowData: ({slowSizeMb}) => adCsv(slowSizeMb),
    goals: {duckdb: 2, chdb: 2},
  },
  {
    id: 'keysets',
    isScan: true,
    title: 'h · two tables in one pass: those of a and b',
    keysets: [sizes, campaigns],
    columns: {size: 'text', ...campaignColumns},
    rule: 'rules/two-tables.ts',
    data: ({sizeMb, isJoined}) => adLogs(sizeMb, isJoined),
    slowData: ({slowSizeMb}) => adLogs(slowSizeMb),
    goals: {duckdb: 3, chdb: 3},
  },
  {
    id: 'zstd',
    title: 'i · zstd: b from compressed files (MB are those of the text)',
    keysets: [campaigns],
    columns: campaignColumns,
    isCompressed: true,
    data: ({sizeMb}) => compressedAdLogs(sizeMb),
    slowData: ({slowSizeMb}) => compressedAdLogs(slowSizeMb),
    goals: {},
  },
  {
    id: 'small',
    title: 'j · b from one file of 10 MB',
    keysets: [campaigns],
    columns: campaignColumns,
    data: () => oneAdLog(smallMb),
    slowData: () => oneAdLog(smallMb),
    goals: {duckdb: 1, ms: 350},
  },
]

export const cases = list.map(one => ({...one, goals: {...one.goals, ...goalsEverywhere}}))
