/**
 * Sessions of the original master with its own workers, as it logged them (`recorded.txt`): what the workers said is said to ours,
 * byte by byte, and what it answers is what the original answered.
 */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {type MessageName, MessageParser, messageNames, type WorkerTask} from '../../../src/protocol/index.ts'
import {type SessionEnd, type SessionInput, WorkerSession} from '../../../src/worker/executables/session.ts'

interface Line {
  readonly isOfWorker: boolean
  readonly name: string
  /** JSON. */
  readonly payload: string
}

/** `"JOB":stage:task <- "{<<"NAME">>,<<"PAYLOAD">>}"` and `... -> "NAME <<"PAYLOAD">>"`. */
const linePattern = /^("[^"]+":[^ ]+) (?:<- "\{<<"([A-Z_]+)">>,<<"(.*)">>\}"|-> "([A-Z_]+) <<"(.*)">>")$/

/** Runs of tasks of several jobs, which overlap in the log; one begins with WORKER. */
function sessions(): (readonly [name: string, lines: readonly Line[]])[] {
  const found: [string, Line[]][] = []
  const open = new Map<string, Line[]>()
  const text = readFileSync(join(import.meta.dirname, 'recorded.txt'), 'utf8')
  for (const row of text.split('\n')) {
    if (row === '' || row.startsWith('#')) continue
    const match = linePattern.exec(row)
    if (match === null) throw new Error(`no line of a session: ${row}`)
    const [, key = '', said, saidPayload = '', answered = '', answeredPayload = ''] = match
    const isOfWorker = said !== undefined
    const line = {isOfWorker, name: said ?? answered, payload: isOfWorker ? saidPayload : answeredPayload}
    if (said === 'WORKER') {
      const lines: Line[] = []
      open.set(key, lines)
      found.push([`${key}, ${found.length}`, lines])
    }
    open.get(key)!.push(line)
  }
  return found
}

const parsedMessages = (bytes: Buffer): [string, string][] => {
  const parser = new MessageParser({names: messageNames, isMostlyText: false})
  const messages: [string, string][] = []
  // In pieces, as a pipe may give them.
  for (let at = 0; at < bytes.length; at += 13) {
    parser.push(bytes.subarray(at, at + 13))
    for (let parsed = parser.next(); parsed !== undefined; parsed = parser.next()) {
      if (parsed.type !== 'message') throw new Error(`${parsed.type} in a recorded message`)
      messages.push([parsed.name, parsed.payload.toString()])
    }
  }
  expect(parser.isPartial).toBe(false)
  return messages
}

const onWire = ({name, payload}: Line): Buffer => Buffer.from(`${name} ${Buffer.byteLength(payload)} ${payload}\n`)

type InputRow = readonly [
  id: number,
  status: string,
  label: number | 'all',
  replicas: readonly (readonly [number, string])[],
]

/** All inputs that the original told the worker of. */
function inputsOf(lines: readonly Line[]): SessionInput[] {
  const inputs: SessionInput[] = []
  for (const {isOfWorker, name, payload} of lines) {
    if (isOfWorker || name !== 'INPUT') continue
    for (const [id, , label, replicas] of (JSON.parse(payload) as [string, InputRow[]])[1]) {
      const urls: string[] = []
      for (const [replica, url] of replicas) urls[replica] = url
      inputs[id] = {label, urls}
    }
  }
  return inputs
}

const all = sessions()

test('there are twenty of them, of all kinds', () => {
  expect(all).toHaveLength(20)
  const names = new Set(all.flatMap(([, lines]) => lines.map(({name}) => name)))
  expect([...names].sort()).toEqual(
    ['DONE', 'ERROR', 'FAIL', 'INPUT', 'INPUT_ERR', 'MSG', 'OK', 'OUTPUT', 'TASK', 'WORKER'].sort(),
  )
})

describe.each(all)('the session %s', (_, lines) => {
  test('is answered as by the original', () => {
    const task = JSON.parse(lines.find(line => !line.isOfWorker && line.name === 'TASK')!.payload) as WorkerTask
    const session = new WorkerSession(task, inputsOf(lines), true)
    const said = parsedMessages(Buffer.concat(lines.filter(line => line.isOfWorker).map(onWire)))
    const answers: [string, unknown][] = []
    let end: SessionEnd | undefined
    for (const [index, [name, payload]] of said.entries()) {
      expect(end).toBeUndefined()
      const answer = session.take(name as MessageName, Buffer.from(payload), index * 1000)
      end = answer.end
      if (answer.reply !== undefined) {
        for (const [reply, text] of parsedMessages(answer.reply)) answers.push([reply, JSON.parse(text)])
      }
    }
    const recorded = lines.filter(line => !line.isOfWorker)
    // Some are cut off before the last answer.
    if (end === undefined && answers.length === recorded.length + 1) answers.pop()
    expect(answers).toEqual(recorded.map(({name, payload}) => [name, JSON.parse(payload) as unknown]))
    const last = said.at(-1)![0]
    if (last === 'DONE') expect(end).toEqual({type: 'done'})
    else if (last === 'ERROR') expect(end).toMatchObject({type: 'failed', class: 'input-lost', input: 0})
    else expect(end).toBeUndefined()
    const outputs = lines
      .filter(line => line.name === 'OUTPUT')
      .map(line => JSON.parse(line.payload) as [number, string])
    expect(session.localOutputs).toEqual(outputs.map(([label, path]) => ({label, path})))
  })
})
