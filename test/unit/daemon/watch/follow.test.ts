import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {describe, expect, test, vi} from 'vitest'
import {ClusterError, seededRandom, UserError} from '../../../../src/base/index.ts'
import {drain, follow, newPlace, type Place, whileFollowing} from './follow-folder.ts'

const linesOf = (name: string, from: number, count: number): string =>
  Array.from({length: count}, (_, index) => `${name} line ${from + index}\n`).join('')

const until = (check: () => void): Promise<void> => vi.waitFor(check, {timeout: 8000, interval: 20})
const arrived = (place: Place, count: number): Promise<void> =>
  until(() => expect(place.cluster.lines()).toHaveLength(count))

describe('with --once', () => {
  test('everything is pushed in chunks that end with records, and a second run adds nothing', async () => {
    const place = newPlace()
    writeFileSync(join(place.logs, 'a.log'), linesOf('a', 0, 1000))
    expect(await drain(place)).toBeUndefined()
    const texts = place.cluster.texts()
    expect(texts.join('')).toBe(linesOf('a', 0, 1000))
    expect(texts.length).toBeGreaterThan(2)
    expect(texts.every(text => text.endsWith('\n') && text.length <= 4096)).toBe(true)
    await drain(place)
    expect(place.cluster.texts()).toEqual(texts)
    expect(readdirSync(`${place.ledger}.spool`)).toEqual([])
  })

  test('a last line without its end is taken, and what comes later goes on behind it', async () => {
    const place = newPlace()
    writeFileSync(join(place.logs, 'a.log'), 'one\ntw')
    await drain(place)
    appendFileSync(join(place.logs, 'a.log'), 'o\nthree\n')
    await drain(place)
    expect(place.cluster.texts()).toEqual(['one\ntw', 'o\nthree\n'])
  })

  test('a record longer than a chunk makes a longer chunk, one past the limit leaves its file behind, by name', async () => {
    const place = newPlace()
    writeFileSync(join(place.logs, 'a.log'), `${'x'.repeat(9000)}\nshort\n`)
    writeFileSync(join(place.logs, 'b.log'), `${'x'.repeat(30_000)}\n`)
    expect(await drain(place, {recordBytesMax: 20_000})).toMatchObject({
      message: 'b.log: a record is longer than 20000 bytes',
      isAway: false,
    })
    expect(place.cluster.lines().map(line => line.length)).toEqual([9000, 5])
  })

  test('the header of a CSV stands before every chunk, and quoted line ends do not end a row', async () => {
    const place = newPlace()
    const rows = Array.from({length: 300}, (_, index) => `${index},"two\nlines ${index}"\n`)
    writeFileSync(join(place.logs, 'a.csv'), `id,text\n${rows.slice(0, 200).join('')}`)
    const csv = {format: {type: 'csv', separator: 0x2c}, hasHeader: true} as const
    await drain(place, csv)
    appendFileSync(join(place.logs, 'a.csv'), rows.slice(200).join(''))
    await drain(place, csv)
    const texts = place.cluster.texts()
    expect(texts.every(text => text.startsWith('id,text\n'))).toBe(true)
    expect(texts.map(text => text.slice('id,text\n'.length)).join('')).toBe(rows.join(''))
    expect(place.cluster.entries().reduce((sum, {entry}) => sum + (entry.recordCount ?? 0), 0)).toBe(300)
  })

  test('it gives up after some tries when the cluster is away, and the next run sends what was cut, once', async () => {
    const place = newPlace()
    writeFileSync(join(place.logs, 'a.log'), linesOf('a', 0, 10))
    const away = {
      store: () => Promise.reject(new ClusterError('UNAVAILABLE', 'nobody answers')),
      append: () => Promise.resolve(),
    }
    vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance']})
    try {
      const following = follow(place, {isOnce: true}, undefined, away)
      let isOver = false
      following
        .finally(() => {
          isOver = true
        })
        .catch(() => undefined)
      while (!isOver) {
        vi.advanceTimersByTime(1000)
        await new Promise(resolve => setImmediate(resolve))
      }
      expect(await following).toEqual({message: 'nobody answers', isAway: true})
    } finally {
      vi.useRealTimers()
    }
    expect(place.reports.filter(report => report.type === 'away')).toMatchObject([{file: 'a.log', tag: 'logs'}])
    // The source goes away: what the ledger has acknowledged does not need it.
    unlinkSync(join(place.logs, 'a.log'))
    await drain(place)
    expect(place.cluster.texts().join('')).toBe(linesOf('a', 0, 10))
  }, 20_000)

  test('what only a person can mend ends it and names chunk and tag', async () => {
    const place = newPlace()
    writeFileSync(join(place.logs, 'a.log'), linesOf('a', 0, 10))
    const closed = {
      store: () => Promise.resolve(false),
      append: () => Promise.reject(new UserError('FORBIDDEN', 'the token is wrong')),
    }
    await expect(follow(place, {isOnce: true}, undefined, closed)).rejects.toThrow(
      /^a\.log-\w+-0-\d+\.zst for logs: the token is wrong/,
    )
    await drain(place)
    expect(place.cluster.texts().join('')).toBe(linesOf('a', 0, 10))
  })
})

test('a chunk whose holders were lost before it was in its tag is stored again', async () => {
  const place = newPlace()
  writeFileSync(join(place.logs, 'a.log'), linesOf('a', 0, 10))
  let storeCount = 0
  const forgetful = {
    store: (...given: Parameters<typeof place.cluster.store>) => {
      storeCount++
      return place.cluster.store(...given)
    },
    append: (...given: Parameters<typeof place.cluster.append>) =>
      storeCount === 1
        ? Promise.reject(new UserError('BLOB_NOT_FOUND', 'no node has blob'))
        : place.cluster.append(...given),
  }
  await follow(place, {isOnce: true}, undefined, forgetful)
  expect(storeCount).toBe(2)
  expect(place.cluster.texts().join('')).toBe(linesOf('a', 0, 10))
})

describe('compressed files', () => {
  test.each([
    ['gz', gzipSync],
    ['zst', zstdCompressSync],
  ] as const)('.%s is taken as the text in it once it is complete, and not before', async (suffix, compress) => {
    const place = newPlace()
    const bytes = compress(Buffer.from(linesOf('a', 0, 2000)))
    const path = join(place.logs, `a.log.1.${suffix}`)
    writeFileSync(path, bytes.subarray(0, bytes.length - 10))
    await drain(place)
    expect(place.cluster.entries()).toEqual([])
    expect(place.reports).toMatchObject([{type: 'incomplete', file: `a.log.1.${suffix}`}])
    writeFileSync(path, bytes)
    await drain(place)
    expect(place.cluster.texts().join('')).toBe(linesOf('a', 0, 2000))
  })

  test('a file that was pushed in part and compressed since goes on where it was', async () => {
    const place = newPlace()
    writeFileSync(join(place.logs, 'a.log'), linesOf('a', 0, 500))
    await drain(place)
    appendFileSync(join(place.logs, 'a.log'), linesOf('a', 500, 700))
    writeFileSync(join(place.logs, 'a.log.1.gz'), gzipSync(linesOf('a', 0, 1200)))
    unlinkSync(join(place.logs, 'a.log'))
    writeFileSync(join(place.logs, 'a.log'), linesOf('new', 0, 5))
    await drain(place)
    expect(
      place.cluster
        .texts()
        .join('')
        .replace(linesOf('new', 0, 5), ''),
    ).toBe(linesOf('a', 0, 1200))
    expect(place.cluster.lines()).toHaveLength(1205)
  })

  test('one that cannot be decoded is named and the others go on', async () => {
    const place = newPlace()
    writeFileSync(join(place.logs, 'bad.gz'), Buffer.concat([gzipSync('a\n'), Buffer.from('rubbish')]))
    writeFileSync(join(place.logs, 'c.log'), 'good\n')
    expect((await drain(place))?.message).toMatch(/^bad\.gz: /)
    expect(place.cluster.lines()).toEqual(['good'])
  })
})

describe('rotation', () => {
  test('while following: lines, a rename, a copy and a cut to nothing, each line once and in order', async () => {
    const place = newPlace()
    const log = join(place.logs, 'a.log')
    writeFileSync(log, linesOf('a', 0, 10))
    await whileFollowing(place, async () => {
      await arrived(place, 10)
      appendFileSync(log, linesOf('a', 10, 10))
      await arrived(place, 20)
      appendFileSync(log, linesOf('a', 20, 5))
      renameSync(log, `${log}.1`)
      writeFileSync(log, linesOf('a', 25, 5))
      await arrived(place, 30)
      appendFileSync(log, linesOf('a', 30, 5))
      copyFileSync(log, `${log}.2`)
      truncateSync(log, 0)
      await until(() => expect(statSync(log).size).toBe(0))
      appendFileSync(log, linesOf('a', 35, 1))
      await arrived(place, 36)
    })
    expect(place.cluster.lines().toSorted()).toEqual(linesOf('a', 0, 36).trimEnd().split('\n').toSorted())
  }, 30_000)

  test('a last line without its end waits for it, and is taken when rotation has renamed the file', async () => {
    const place = newPlace()
    const log = join(place.logs, 'a.log')
    writeFileSync(log, 'one\ntw')
    await whileFollowing(place, async () => {
      await arrived(place, 1)
      appendFileSync(log, 'o\nthr')
      await arrived(place, 2)
      renameSync(log, `${log}.1`)
      await arrived(place, 3)
    })
    expect(place.cluster.lines()).toEqual(['one', 'two', 'thr'])
  }, 30_000)

  test('without notices of the system a listing finds what is new', async () => {
    const place = newPlace()
    await whileFollowing(
      place,
      async () => {
        writeFileSync(join(place.logs, 'a.log'), 'one\n')
        await arrived(place, 1)
      },
      {isPolling: true},
    )
  }, 30_000)

  test('a file that is gone before it was read is counted as lost', async () => {
    const place = newPlace()
    writeFileSync(join(place.logs, 'a.log'), 'one\n')
    place.cluster.onCall = () => rmSync(join(place.logs, 'b.log'), {force: true})
    writeFileSync(join(place.logs, 'b.log'), 'never read\n')
    await drain(place)
    expect(place.cluster.lines()).toEqual(['one'])
    expect(place.reports.find(report => report.type === 'lost')).toMatchObject({file: 'b.log', bytes: 11})
  })
})

test('with --from-end what is there at the first start is skipped, what comes is not', async () => {
  const place = newPlace()
  const log = join(place.logs, 'a.log')
  writeFileSync(log, 'old\nhal')
  await drain(place, {isFromEnd: true})
  appendFileSync(log, 'f\nnew\n')
  writeFileSync(join(place.logs, 'b.log'), 'later\n')
  await drain(place, {isFromEnd: true})
  // The line that was begun is not of the past: with --once it came in two parts.
  expect(place.cluster.lines().toSorted()).toEqual(['f', 'hal', 'later', 'new'])
})

test('two thousand files are followed, and a second look at them reads none', async () => {
  const place = newPlace()
  for (let file = 0; file < 2000; file++)
    writeFileSync(join(place.logs, `f${file}.log`), file % 100 === 0 ? `${file}\n` : '')
  await drain(place)
  await drain(place)
  expect(place.cluster.lines()).toHaveLength(20)
}, 60_000)

test('a follower killed at any moment, twenty times, loses and repeats nothing', async () => {
  const place = newPlace()
  const random = seededRandom(7)
  const log = join(place.logs, 'a.log')
  const script = join(import.meta.dirname, 'follows-for-ever.ts')
  let lineCount = 0
  const write = (count: number): void => {
    appendFileSync(log, linesOf('a', lineCount, count))
    lineCount += count
  }
  for (let round = 0; round < 20; round++) {
    const child = spawn(process.execPath, [script, place.logs, place.ledger, place.clusterFolder])
    let errors = ''
    child.stderr.on('data', data => {
      errors += data
    })
    const closed = once(child, 'close')
    await Promise.race([once(child.stdout, 'data'), closed])
    const deadline = Date.now() + random.int(150)
    while (Date.now() < deadline) {
      write(1 + random.int(60))
      if (random.int(12) === 0) renameSync(log, `${log}.${round}-${lineCount}`)
      await new Promise(resolve => setTimeout(resolve, random.int(12)))
    }
    child.kill('SIGKILL')
    await closed
    expect(errors).toBe('')
  }
  await drain(place)
  const lines = place.cluster.lines()
  expect(lines).toHaveLength(lineCount)
  expect(new Set(lines).size).toBe(lineCount)
}, 90_000)
