#!/usr/bin/env node
/** How often does each word occur? Two stages by Disco's worker protocol 1.1, with nothing but Node. */
import {once} from 'node:events'
import {createWriteStream} from 'node:fs'
import {open} from 'node:fs/promises'
import {createInterface} from 'node:readline'

const partitions = 4

// A message is NAME, bytes of the payload, payload (JSON). It goes out on standard error; its answer is a line of standard input.
const answers = createInterface({input: process.stdin})[Symbol.asyncIterator]()

async function ask(name, payload) {
  const body = JSON.stringify(payload)
  process.stderr.write(`${name} ${Buffer.byteLength(body)} ${body}\n`)
  const {done, value} = await answers.next()
  // After an end (DONE, ERROR) nothing comes.
  if (done) process.exit()
  const [head, kind] = /^([A-Z_]+) \d+ /.exec(value)
  return {kind, payload: JSON.parse(value.slice(head.length))}
}

/** Inputs of the task, as they come. */
async function* inputs() {
  const seen = []
  for (;;) {
    const [flag, rows] = (await ask('INPUT', ['exclude', seen])).payload
    for (const [id, , label, replicas] of rows) {
      seen.push(id)
      yield {id, label, replicas}
    }
    if (flag === 'done') return
  }
}

/** Text of an input, from the first replica that gives it. */
async function read({id, replicas}) {
  let left = replicas
  while (left.length > 0) {
    const [replica, url] = left[0]
    try {
      return await fetchText(url)
    } catch (error) {
      console.log(`input ${id} cannot be read: ${error}`)
      const {kind, payload} = await ask('INPUT_ERR', [id, [replica]])
      left = kind === 'RETRY' ? payload : []
    }
  }
  throw new Error(`input ${id} cannot be read`)
}

async function fetchText(url) {
  if (url.startsWith('raw://')) return url.slice('raw://'.length)
  const response = await fetch(url.replace(/^(dir|disco):/, new URL(task.master).protocol))
  if (!response.ok) throw new Error(`status ${response.status}`)
  return await response.text()
}

const add = (counts, word, count) => counts.set(word, (counts.get(word) ?? 0) + count)

/** Which task counts a word. */
const labelOf = word => [...word].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 65_521, 0) % partitions

async function map() {
  const parts = Array.from({length: partitions}, () => new Map())
  for await (const input of inputs()) {
    for (const word of (await read(input)).toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
      add(parts[labelOf(word)], word, 1)
  }
  for (const [label, counts] of parts.entries()) if (counts.size > 0) await give(label, counts)
}

/** Adds up what all map tasks counted of the words of one label. */
async function count() {
  const counts = new Map()
  for await (const input of inputs()) {
    // An index: a line of LABEL URL BYTES for each file.
    for (const line of (await read(input)).split('\n')) {
      const [label, url] = line.split(' ')
      if (url === undefined || (input.label !== 'all' && Number(label) !== input.label)) continue
      const text = await read({id: input.id, replicas: [[0, url]]})
      for (const row of text.split('\n')) if (row !== '') add(counts, row.split('\t')[0], Number(row.split('\t')[1]))
    }
  }
  await give(task.group[0], counts)
}

async function give(label, counts) {
  const name = `counts-${label}`
  const file = createWriteStream(name)
  for (const word of [...counts.keys()].sort()) {
    if (!file.write(`${word}\t${counts.get(word)}\n`)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
  const handle = await open(name, 'r+')
  await handle.sync()
  await handle.close()
  await ask('OUTPUT', [label, name, file.bytesWritten])
}

await ask('WORKER', {version: '1.1', pid: process.pid})
const task = (await ask('TASK', '')).payload
try {
  await (task.stage === 'map' ? map() : count())
} catch (error) {
  await ask('ERROR', String(error))
}
await ask('DONE', '')
