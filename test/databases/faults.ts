/** What servers do wrong, and what is then said and done. */
import assert from 'node:assert/strict'
import {setTimeout as sleep} from 'node:timers/promises'
import type {ResultRow} from '../../src/engine/index.ts'
import {openSink} from '../../src/sinks/open-sink.ts'
import {batch, clicksTables, driverFor, never, type Place, query, quoted, row, withSink} from './place.ts'
import type {TestServer} from './servers/server.ts'

type Fault = (place: Place, server: TestServer) => Promise<void>

/** Of the test servers, as it is and as it stands in addresses. */
const secrets = ['a b/c@d%e#', encodeURIComponent('a b/c@d%e#')]

function* rowsOf(count: number): Iterable<ResultRow> {
  for (let index = 0; index < count; index++) yield row(`k${index}`, 1, 1)
}

async function refusal(work: () => Promise<unknown>): Promise<Error & {code?: string; retryable?: boolean}> {
  try {
    await work()
  } catch (error) {
    const {message, hint} = error as Error & {hint?: string}
    for (const secret of secrets) assert.ok(!`${message} ${hint}`.includes(secret), `no password in: ${message}`)
    return error as Error
  }
  throw new assert.AssertionError({message: 'it was not refused'})
}

const countOf = async (place: Place): Promise<string | null | undefined> =>
  (await query(place.address, `SELECT count(*) FROM ${quoted(place.address, 'clicks')}`))[0]?.[0]

export const faults: Readonly<Record<string, Fault>> = {
  'a wrong password is said without it': async ({address}) => {
    const wrong = address.replace(/:[^:@]*@/, ':s3cr3t-guess@')
    const error = await refusal(() => openSink(wrong, clicksTables()))
    assert.equal(error.code, 'BAD_SINK')
    assert.match(error.message, /it refuses the user/)
    assert.ok(!error.message.includes('s3cr3t-guess'))
  },

  'a database that is not there is said': async ({address}) => {
    const error = await refusal(() => openSink(`${address}_not`, clicksTables()))
    assert.equal(error.code, 'BAD_SINK')
    assert.match(error.message, /test\d+_not/)
  },

  'the name of a sink has no user, no password and no options': async ({address}) => {
    await withSink({address: `${address}?application_name=x`}, clicksTables(), 'append', async sink => {
      assert.match(sink.name, /^(?:postgres|mysql):\/\/127\.0\.0\.1:\d+\/test\d+$/)
    })
  },

  'a database that is down is said at once when a sink is opened': async (place, server) => {
    await server.kill()
    try {
      const error = await refusal(() => openSink(place.address, clicksTables()))
      assert.equal(error.code, 'UNAVAILABLE')
      assert.equal(error.retryable, true)
    } finally {
      await server.start()
    }
  },

  'a database that is killed while rows are written gets them once when it is back': async (place, server) => {
    const sink = await openSink(place.address, clicksTables())
    let restarted: Promise<void> | undefined
    const rows = {
      *[Symbol.iterator](): Iterator<ResultRow> {
        let count = 0
        for (const each of rowsOf(30_000)) {
          if (++count === 12_000) restarted ??= server.kill().then(server.start)
          yield each
        }
      },
    }
    const receipt = await sink.write(batch('one'), rows, never).finally(() => restarted)
    assert.deepEqual(receipt, {isRepeat: false, rowCounts: {clicks: 30_000}})
    assert.equal(await countOf(place), '30000')
  },

  'rows that can be read once are not written as an empty batch by a second attempt': async (place, server) => {
    const sink = await openSink(place.address, clicksTables(), {firstRetryDelayMs: 20})
    await sink.write(batch('none'), [], never)
    let restarted: Promise<void> | undefined
    function* once(): Generator<ResultRow> {
      for (const each of rowsOf(12_000)) {
        if (each.key[0] === 'k6000') {
          restarted = server.kill().then(server.start)
          // A process of PostgreSQL sees that its parent is gone only when it waits for more; else it commits what was ready.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
        }
        yield each
      }
    }
    const error = await refusal(() => sink.write(batch('one'), once(), never).finally(() => restarted))
    assert.equal(error.retryable, true)
    assert.equal(await sink.hasBatch(batch('one').id), false)
    assert.equal(await countOf(place), '0')
  },

  'a commit whose answer is lost is looked up, not repeated': async place => {
    const driver = driverFor(place.address)
    const {SqlSink} = await import('../../src/sinks/sql/sql-sink.ts')
    let lost = 0
    const losing = {
      ...driver,
      connect: async (purpose: 'look' | 'write', signal?: AbortSignal) => {
        const session = await driver.connect(purpose, signal)
        const commit = session.commit.bind(session)
        session.commit = async () => {
          await commit()
          if (lost++ > 0) return
          session.destroy()
          throw Object.assign(new Error('read ECONNRESET'), {code: 'ECONNRESET'})
        }
        return session
      },
    }
    const sink = new SqlSink({
      driver: losing,
      tables: clicksTables(),
      mode: 'append',
      name: 'test',
      place: 'test',
      secrets: [],
      firstRetryDelayMs: 10,
    })
    assert.deepEqual(await sink.write(batch('one'), [row('a', 1, 1)], never), {isRepeat: false, rowCounts: {clicks: 1}})
    assert.equal(await countOf(place), '1')
    assert.equal(lost, 1)
  },

  'an abort ends a write that waits for a lock': async place => {
    await withSink(place, clicksTables(), 'add', sink => sink.write(batch('first'), [row('a', 1, 1)], never))
    const blocker = await driverFor(place.address).connect('write')
    await blocker.begin()
    await blocker.run(`UPDATE ${quoted(place.address, 'clicks')} SET hits = 5`)
    const stop = new AbortController()
    const sink = await openSink({to: place.address, mode: 'add'}, clicksTables())
    const writing = refusal(() => sink.write(batch('second'), [row('a', 1, 1)], stop.signal))
    await sleep(300)
    stop.abort(new Error('stopped'))
    // Far below the time that a statement may wait for a lock.
    const ended = await Promise.race([writing, sleep(10_000, undefined)])
    assert.equal(ended?.message, 'stopped')
    await blocker.rollback()
    await blocker.close()
    assert.equal(await sink.hasBatch(batch('second').id), false)
  },

  'a unique key of the user is told of, not tried again and again': async place => {
    const table = quoted(place.address, 'clicks')
    await query(
      place.address,
      `CREATE TABLE ${table} (site VARCHAR(100) NOT NULL UNIQUE, hits BIGINT, revenue DECIMAL(20,5))`,
    )
    const error = await refusal(() =>
      withSink(place, clicksTables(), 'append', sink =>
        sink.write(batch('one'), [row('a', 1, 1), row('a', 1, 1)], never),
      ),
    )
    assert.equal(error.code, 'OUTPUT_FAILED')
    assert.equal(await countOf(place), '0')
  },

  'text that is too long for a column of the user is refused, not cut': async place => {
    const table = quoted(place.address, 'clicks')
    await query(place.address, `CREATE TABLE ${table} (site VARCHAR(3), hits BIGINT, revenue DECIMAL(6,2))`)
    const write = (key: string, revenue: number): Promise<unknown> =>
      withSink(place, clicksTables(), 'append', sink => sink.write(batch(key), [row(key, 1, revenue)], never))
    assert.equal((await refusal(() => write('abcd', 1))).code, 'OUTPUT_FAILED')
    assert.match((await refusal(() => write('a', 0.125))).message, /3 digits after the point, it holds 2/)
    assert.match((await refusal(() => write('a', 12345))).message, /5 digits before the point, it holds 4/)
    await write('abc', 1234.25)
  },

  'names that are too long are refused before anything is made': async place => {
    const tables = clicksTables().map(table => ({...table, name: 'n'.repeat(65)}))
    const error = await refusal(() => openSink(place.address, tables))
    assert.match(error.message, /has 65 (?:bytes|characters), and/)
  },
}
