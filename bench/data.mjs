/**
 * The files that all engines read, made once per size and kept in bench/data.
 *
 * @typedef {{name: string, files: string[], pattern: string, joined: string | undefined, bytes: number}} Data
 *   `joined` is all `files` in one, undefined when there is one file or nobody asks for it; `bytes` are those of the text, decompressed
 */
import {createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {createZstdCompress} from 'node:zlib'
import {writeAdLogs} from '../scripts/ad-logs.mjs'
import {writeAdCsv} from './generate/ad-csv.mjs'
import {distinctLineBytes, writeDistinct} from './generate/distinct.mjs'
import {writeNested} from './generate/nested.mjs'
import {writeWide} from './generate/wide.mjs'

const folder = join(import.meta.dirname, 'data')
/** Two, because DuckDB and ClickHouse use more threads over several files than inside one. */
const fileCount = 2
/** Average bytes of a generated line of the ad logs, to turn a size into lines. */
const adLineBytes = 196

/** Clean ad logs of about `megabytes`. */
export function adLogs(megabytes, isJoined = true) {
  const write = (path, index) => writeAds(path, megabytes / fileCount, index + 1)
  return dataSet(`ads-${megabytes}`, 'ndjson', write, {isJoined})
}

/** One file, as a small job has it. */
export function oneAdLog(megabytes) {
  return dataSet(`ad-${megabytes}`, 'ndjson', path => writeAds(path, megabytes, 1), {count: 1})
}

/** Ad logs as CSV with a header line. */
export function adCsv(megabytes, isJoined = true) {
  const write = (path, index) => writeAdCsv(path, (megabytes * 1e6) / fileCount, index + 1)
  return dataSet(`ads-${megabytes}`, 'csv', write, {isJoined})
}

/** Records of 60 fields. */
export function wideLogs(megabytes, isJoined = true) {
  const write = (path, index) => writeWide(path, (megabytes * 1e6) / fileCount, index + 1)
  return dataSet(`wide-${megabytes}`, 'ndjson', write, {isJoined})
}

/** Records with objects in objects, lists, and texts with escapes. */
export function nestedLogs(megabytes, isJoined = true) {
  const write = (path, index) => writeNested(path, (megabytes * 1e6) / fileCount, index + 1)
  return dataSet(`nested-${megabytes}`, 'ndjson', write, {isJoined})
}

/** Records with `keyCount` distinct ids, each once. */
export function distinctKeys(keyCount) {
  return dataSet(`distinct-${keyCount}`, 'ndjson', (path, index) => {
    const first = Math.floor((keyCount * index) / fileCount)
    writeDistinct(path, first, Math.floor((keyCount * (index + 1)) / fileCount))
  })
}

/** How many keys make a file of about `megabytes`. */
export function distinctKeysIn(megabytes) {
  return Math.floor((megabytes * 1e6) / distinctLineBytes)
}

/** The ad logs of that size, compressed with zstd at its usual level. */
export async function compressedAdLogs(megabytes) {
  const plain = await adLogs(megabytes)
  const compressed = async path => {
    await writeOnce(`${path}.zst`, part =>
      pipeline(createReadStream(path), createZstdCompress(), createWriteStream(part)),
    )
    return `${path}.zst`
  }
  return {
    ...plain,
    name: `${plain.name}-zst`,
    files: await Promise.all(plain.files.map(compressed)),
    pattern: `${plain.pattern}.zst`,
    joined: await compressed(plain.joined),
  }
}

function writeAds(path, megabytes, seed) {
  writeAdLogs({path, lines: Math.floor((megabytes * 1e6) / adLineBytes), seed, dirty: 0})
}

async function dataSet(name, kind, write, {count = fileCount, isJoined = count > 1} = {}) {
  mkdirSync(folder, {recursive: true})
  const files = Array.from({length: count}, (_, index) => join(folder, `${name}-${index}.${kind}`))
  for (const [index, path] of files.entries()) await writeOnce(path, part => write(part, index))
  const joined = join(folder, `joined-${name}.${kind}`)
  if (isJoined) await writeOnce(joined, part => joinFiles(files, part, kind === 'csv'))
  return {
    name: `${name}.${kind}`,
    files,
    pattern: join(folder, `${name}-*.${kind}`),
    joined: isJoined ? joined : undefined,
    bytes: files.reduce((sum, path) => sum + statSync(path).size, 0),
  }
}

/** Under another name first: an interrupted run must not leave half a file behind. */
async function writeOnce(path, write) {
  if (existsSync(path)) return
  console.error(`writing ${path}`)
  try {
    await write(`${path}.part`)
    renameSync(`${path}.part`, path)
  } finally {
    rmSync(`${path}.part`, {force: true})
  }
}

/** One after the other; of CSV files only the first one's header. */
async function joinFiles(files, path, hasHeader) {
  for (const [index, file] of files.entries()) {
    const start = hasHeader && index > 0 ? await headerBytes(file) : 0
    await pipeline(createReadStream(file, {start}), createWriteStream(path, {flags: index === 0 ? 'w' : 'a'}))
  }
}

async function headerBytes(file) {
  for await (const chunk of createReadStream(file)) return chunk.indexOf(10) + 1
  return 0
}
