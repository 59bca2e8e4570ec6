import {describe, expect, test} from 'vitest'
import {frameLines} from '../../../../src/ui/monitor/frame.ts'
import {onceText, plainLines} from '../../../../src/ui/monitor/plain.ts'
import {columnsOf} from '../../../../src/ui/monitor/terminal-text.ts'
import {bigJob} from './fake-source.ts'
import {Play} from './play.ts'

/** Recorded in `frames/`; `vitest run -u` writes them anew, and the difference is read as code. */
const sizes = [
  [40, 10],
  [80, 24],
  [200, 50],
] as const

const scenes: Readonly<Record<string, (columns: number, rows: number) => Play>> = {
  overview: (columns, rows) => new Play({jobCount: 40, nodeLostFrom: 3, taskCount: 5000}, {columns, rows}).look(4),
  'overview-lost': (columns, rows) => new Play({}, {columns, rows}).look(3).fail().wait(1).fail().wait(1),
  job: (columns, rows) => new Play({}, {columns, rows, job: bigJob}).look(4),
  'job-failed-tasks': (columns, rows) => new Play({}, {columns, rows, job: bigJob}).look(4).press('"3'),
  task: (columns, rows) => new Play({}, {columns, rows, job: bigJob}).look(4).press('"3', 'enter'),
  node: (columns, rows) => new Play({}, {columns, rows}).look(2).press('tab', 'end', 'enter'),
  help: (columns, rows) => new Play({}, {columns, rows}).look().press('"?'),
  question: (columns, rows) => new Play({}, {columns, rows}).look(2).press('"K'),
  filter: (columns, rows) => new Play({jobCount: 40}, {columns, rows}).look(2).press('"/join'),
}

describe.each(sizes)('at %d columns and %d rows', (columns, rows) => {
  test.each(Object.keys(scenes))('%s', async name => {
    const lines = frameLines(scenes[name]!(columns, rows).model)
    const text = lines.map(line => `${line.trimEnd()}\n`).join('')
    await expect(text).toMatchFileSnapshot(`frames/${name}-${columns}x${rows}.txt`)
  })
})

test('every frame of every scene has one line less than the terminal and fits its width', () => {
  for (const scene of Object.values(scenes)) {
    for (const columns of [1, 20, 40, 41, 59, 80, 120, 300]) {
      for (const rows of [2, 9, 10, 13, 17, 24, 70]) {
        const lines = frameLines(scene(columns, rows).model)
        expect(lines).toHaveLength(rows - 1)
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns)
      }
    }
  }
})

test('a frame resized to is the frame opened with', () => {
  for (const [name, scene] of Object.entries(scenes)) {
    // Texts are broken for the width they were opened with.
    if (name === 'task' || name === 'help') continue
    expect(frameLines(scene(80, 24).resize(200, 50).resize(50, 12).resize(80, 24).model), name).toEqual(
      frameLines(scene(80, 24).model),
    )
  }
})

test('colours change nothing but colours', () => {
  for (const scene of Object.values(scenes)) {
    const {model} = scene(100, 30)
    const colored = frameLines({...model, isColor: true}).map(line => line.replaceAll(/\u001b\[\d+m/g, ''))
    expect(colored).toEqual(frameLines(model))
  }
  expect(frameLines({...scenes['overview']!(80, 24).model, isColor: true}).join('')).toContain('\u001b[32m')
})

test('strange names stay in their columns', () => {
  const nameSuffix = '日本語\u001b[2J\u202e👩‍👩‍👧🇩🇪'
  for (const columns of [40, 57, 80, 131]) {
    for (const keys of [[], ['enter']]) {
      const lines = frameLines(
        new Play({nameSuffix}, {columns, rows: 30})
          .look(2)
          .press(...keys)
          .look().model,
      )
      for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns)
      expect(lines.join('')).not.toMatch(/[\u0000-\u001f]|\u200d|\u202e/)
    }
  }
})

test('a frame of 5,000 tasks takes as many rows as are in sight', () => {
  const {model} = new Play({taskCount: 5000}, {job: bigJob, columns: 200, rows: 50}).look(3)
  const {rows} = model.lists.tasks
  const seen = new Set<unknown>()
  const watched = new Proxy(rows as unknown[], {
    get(target, name, receiver) {
      if (typeof name === 'string' && /^\d+$/.test(name)) seen.add(name)
      return Reflect.get(target, name, receiver)
    },
  })
  frameLines({...model, lists: {...model.lists, tasks: {...model.lists.tasks, rows: watched}}})
  expect(seen.size).toBeGreaterThan(10)
  expect(seen.size).toBeLessThan(50)
})

test('once prints all rows of the screen that is open', () => {
  const text = onceText(new Play({jobCount: 60, nodeCount: 20}).look(2).model)
  expect(text.split('\n').filter(line => /^ {2}web\d+ /.test(line))).toHaveLength(20)
  expect(text.match(/@4[a-f0-9]{2} /g)).toHaveLength(59)
  expect(text).not.toMatch(/q quit|\u001b|\n\n\n/)
})

describe('plain lines', () => {
  const linesBetween = (first: Play, then: (play: Play) => Play): readonly string[] => {
    const before = first.model
    return plainLines(before, then(first).model)
  }

  test('tell everything at first', () => {
    const lines = plainLines(undefined, new Play({warnings: ['disk of web2 is full']}).look().model)
    expect(lines[0]).toMatch(/^disco http:\/\/web1:8989 · 4 of 4 nodes up · 1 job and 16 tasks running/)
    expect(lines).toContain('warning: disk of web2 is full')
    expect(lines).toContain('node web3: drain 120')
    expect(lines.some(line => line.startsWith('join@4a1 paused'))).toBe(true)
    // What was over before is no news.
    expect(lines.some(line => line.startsWith('daily@4a4'))).toBe(false)
  })

  test('tell then only what changes', () => {
    expect(linesBetween(new Play({nodeLostFrom: 2, taskCount: 200}).look(2), play => play.look())).toEqual([
      'warning: node web4 does not answer: 212 blobs have one copy less',
      'repair 212 blobs, 1.2 GB, 1 m 34 s left · gc find, 5.0 MB dropped · scrub 1,234 blobs, 98 GB',
      'node web4: lost',
      `${bigJob} running  16 % · 32 of 200 tasks · 16 running · 16/s · 11 s left · 3 failed attempts`,
    ])
    expect(linesBetween(new Play({taskCount: 200}).look(2), play => play.event({type: 'tick', nowMs: 0}))).toEqual([])
  })

  test('tell that a job is over, and its events', () => {
    const lines = linesBetween(new Play({}, {job: bigJob}).look(5), play => play.look())
    expect(lines).toEqual([
      `${bigJob} done 100 % · 80 of 80 tasks · 3 failed attempts`,
      '12:00:02 message web1: merged 80 label files',
    ])
  })

  test('tell once that nobody answers, and that the master is back', () => {
    const play = new Play().look()
    expect(linesBetween(play, play => play.fail())).toEqual([
      'no answer, asking again: nothing answers at http://web1:8989',
    ])
    expect(linesBetween(play, play => play.fail())).toEqual([])
    expect(linesBetween(play, play => play.look())[0]).toBe('the master is back')
  })
})
