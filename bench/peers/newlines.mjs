/**
 * The limit: reads files and finds their newlines, nothing else, with two threads. Prints how many.
 *
 * Arguments: the module of ../newlines, then files. Each thread takes an equal share of the bytes, compressed files whole.
 */
import {closeSync, createReadStream, openSync, readFileSync, readSync, statSync} from 'node:fs'
import {isMainThread, parentPort, Worker, workerData} from 'node:worker_threads'
import {createZstdDecompress} from 'node:zlib'

const threadCount = 2
/** Small enough to stay in the processor's cache between the copy from the page cache and the scan. */
const chunkBytes = 256 * 1024
const pageBytes = 65_536

if (isMainThread) {
  const [modulePath, ...files] = process.argv.slice(2)
  const shares = sharesOf(files)
  const counts = await Promise.all(shares.map(share => countIn({modulePath, share})))
  console.log(counts.reduce((sum, count) => sum + count, 0))
} else {
  parentPort.postMessage(await work(workerData))
}

/** @returns {{file: string, from: number, to: number}[][]} stretches of files for each thread */
function sharesOf(files) {
  if (files.some(file => file.endsWith('.zst'))) {
    return Array.from({length: threadCount}, (_, thread) =>
      files
        .filter((_, index) => index % threadCount === thread)
        .map(file => ({file, from: 0, to: statSync(file).size})),
    )
  }
  return Array.from({length: threadCount}, (_, thread) =>
    files.map(file => {
      const {size} = statSync(file)
      const border = share => Math.floor((size * share) / threadCount)
      return {file, from: border(thread), to: border(thread + 1)}
    }),
  )
}

function countIn(data) {
  const {promise, resolve, reject} = Promise.withResolvers()
  new Worker(import.meta.filename, {workerData: data}).on('message', resolve).on('error', reject)
  return promise
}

async function work({modulePath, share}) {
  const memory = new WebAssembly.Memory({initial: 1 + chunkBytes / pageBytes})
  const imports = {env: {memory}}
  const {instance} = await WebAssembly.instantiate(readFileSync(modulePath), imports)
  const {countNewlines} = instance.exports
  // The first page is the module's own.
  const chunk = new Uint8Array(memory.buffer, pageBytes, chunkBytes)
  const countOf = bytes => {
    // Up to a multiple of 16, and what stood behind it before must not count.
    chunk.fill(0, bytes, Math.min(chunkBytes, bytes + 16))
    return countNewlines(pageBytes, Math.ceil(bytes / 16) * 16)
  }
  let count = 0
  for (const {file, from, to} of share) {
    if (file.endsWith('.zst')) {
      for await (const text of createReadStream(file).pipe(createZstdDecompress({chunkSize: chunkBytes}))) {
        chunk.set(text)
        count += countOf(text.length)
      }
      continue
    }
    const descriptor = openSync(file)
    for (let at = from; at < to; ) {
      const bytes = readSync(descriptor, chunk, 0, Math.min(chunkBytes, to - at), at)
      if (bytes === 0) break
      count += countOf(bytes)
      at += bytes
    }
    closeSync(descriptor)
  }
  return count
}
