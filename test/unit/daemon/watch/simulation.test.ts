import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {CoreRun, Killed} from './run-core.ts'
import {chance, simOptions, World} from './world.ts'

/** Files that are written, rotated, copied, compressed and cut by chance while the follower is killed and the cluster fails. */
class Simulation {
  readonly world = new World()
  readonly fired: Record<string, number> = {}
  readonly expected: string[][] = []
  readonly #random
  readonly #names: readonly string[]
  #run: CoreRun
  #lineCount = 0
  #faultShare: number
  /** Files whose copy is made and that are not yet cut to nothing. */
  readonly #copied = new Set<string>()

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    this.#names = Array.from({length: 1 + this.#random.int(3)}, (_, index) => `app${index}.log`)
    this.#faultShare = this.#random.next() * 0.05
    for (const name of this.#names) this.world.create(name)
    this.#run = this.#start()
  }

  run(stepCount: number): void {
    for (let at = 0; at < stepCount; at++) {
      this.#act()
      for (let steps = this.#random.int(4); steps > 0; steps--) this.#stepOrDie()
      this.world.nowMs += this.#random.int(400)
    }
    this.#faultShare = 0
    this.world.isAway = false
    for (const path of this.#copied) this.#truncate(path)
    for (const inode of this.world.paths.values()) inode.isComplete = true
    this.#run.settle(120_000)
  }

  #start(): CoreRun {
    return new CoreRun(this.world, simOptions(), {
      dies: () => {
        if (!chance(this.#random, this.#faultShare)) return
        this.#count('killed')
        throw new Killed()
      },
      fails: () => {
        const isFailing = chance(this.#random, this.#faultShare * 4)
        if (isFailing) this.#count('push failed')
        return isFailing
      },
    })
  }

  #stepOrDie(): void {
    try {
      this.#run.step()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      this.#run = this.#start()
    }
  }

  #act(): void {
    const name = this.#random.pick(this.#names)
    const dice = this.#random.next()
    if (dice < 0.7) this.#write(name)
    else if (dice < 0.76) this.#rename(name)
    else if (dice < 0.82) this.#copyThenTruncate(name)
    else if (dice < 0.9) this.#compress(name)
    else if (dice < 0.95) this.#dropOld(name)
    else this.world.isAway = !this.world.isAway
  }

  #write(name: string): void {
    if (!this.world.paths.has(name)) this.world.create(name)
    // Between the copy and the cut nobody may write, or it is lost by nature.
    if (this.#copied.has(name)) return
    const count = 1 + this.#random.int(6)
    for (let line = 0; line < count; line++) {
      const text = `${name} line ${this.#lineCount++} ${'x'.repeat(this.#random.int(40))}`
      this.world.append(name, `${text}\n`)
      this.expected.push([name, text])
    }
    this.#count('written')
  }

  #rename(name: string): void {
    if (!this.world.paths.has(name) || this.#copied.has(name)) return
    this.#shift(name)
    this.world.paths.set(`${name}.1`, this.world.paths.get(name)!)
    this.world.paths.delete(name)
    if (chance(this.#random, 0.8)) this.world.create(name)
    this.#count('renamed')
  }

  #copyThenTruncate(name: string): void {
    const inode = this.world.paths.get(name)
    if (inode === undefined) return
    if (this.#copied.has(name)) {
      this.#truncate(name)
      return
    }
    if (inode.text.length === 0) return
    this.#shift(name)
    this.world.create(`${name}.1`, inode.text.toString())
    this.#copied.add(name)
    this.#count('copied')
  }

  #truncate(name: string): void {
    const inode = this.world.paths.get(name)
    this.#copied.delete(name)
    if (inode === undefined) return
    inode.text = Buffer.alloc(0)
    inode.modifiedAtMs = this.world.nowMs
    this.#count('truncated')
    this.#write(name)
  }

  /** Compresses the second oldest beside itself; the original goes in a later step. */
  #compress(name: string): void {
    const old = `${name}.2`
    const inode = this.world.paths.get(old)
    if (inode === undefined) return
    const packed = this.world.paths.get(`${old}.gz`)
    if (packed === undefined) {
      const made = this.world.create(`${old}.gz`, inode.text.toString())
      made.isCompressed = true
      made.isComplete = false
      this.#count('compressed')
    } else if (packed.isComplete) this.world.remove(old)
    else {
      packed.isComplete = true
      packed.modifiedAtMs = this.world.nowMs
    }
  }

  /** `.1` becomes `.2`, and what is there is moved away for good: names with their time, as some tools make. */
  #shift(name: string): void {
    const isCompressing = this.world.paths.has(`${name}.2`) && this.world.paths.has(`${name}.2.gz`)
    if (isCompressing) this.world.remove(`${name}.2`)
    const old = this.world.paths.get(`${name}.2.gz`) ?? this.world.paths.get(`${name}.2`)
    if (old !== undefined) {
      old.isComplete = true
      this.world.paths.delete(`${name}.2.gz`)
      this.world.paths.delete(`${name}.2`)
      this.world.paths.set(`${name}-${2_026_000_000 + this.world.nowMs}-${old.number}`, old)
    }
    const one = this.world.paths.get(`${name}.1`)
    if (one !== undefined) {
      this.world.paths.delete(`${name}.1`)
      this.world.paths.set(`${name}.2`, one)
    }
  }

  /** A file whose lines are all in the cluster goes, and its inode is used again. */
  #dropOld(name: string): void {
    const done = new Set(this.world.lines())
    for (const [path, inode] of this.world.paths) {
      if (!path.startsWith(`${name}-`)) continue
      if (
        !inode.text
          .toString()
          .split('\n')
          .every(line => line === '' || done.has(line))
      )
        continue
      if (this.world.intent !== undefined) continue
      this.world.remove(path)
      this.#count('dropped')
      return
    }
  }

  #count(what: string): void {
    this.fired[what] = (this.fired[what] ?? 0) + 1
  }
}

/** Chunks of one file follow each other without gap or overlap, from its begin on. */
function checkOrder(names: readonly string[]): void {
  const positions = new Map<string, number>()
  for (const name of names) {
    const [, file, from, to] = /^(.*)-(\d+)-(\d+)$/.exec(name)!
    expect(Number(from), name).toBe(positions.get(file!) ?? 0)
    positions.set(file!, Number(to))
  }
}

const faults = ['written', 'renamed', 'copied', 'truncated', 'compressed', 'dropped', 'killed', 'push failed']

test('every line is in the cluster once, in order, whatever happens to files, follower and cluster', () => {
  const fired: Record<string, number> = {}
  const [from, count] = (process.env['WATCH_SEEDS'] ?? '1,150').split(',').map(Number)
  for (let seed = from!; seed < from! + count!; seed++) {
    const simulation = new Simulation(seed)
    try {
      simulation.run(120)
      const byName = Map.groupBy(simulation.expected, ([name]) => name!)
      const lines = simulation.world.lines()
      for (const entries of simulation.world.tags.values()) checkOrder(entries.map(entry => entry.name))
      for (const [name, expected] of byName) {
        const arrived = lines.filter(line => line.startsWith(`${name} `))
        expect(arrived.toSorted(), name).toEqual(expected.map(([, text]) => text!).toSorted())
      }
    } catch (error) {
      throw new Error(`seed ${seed}: WATCH_SEEDS=${seed},1 vitest run test/unit/daemon/watch/simulation.test.ts`, {
        cause: error,
      })
    }
    for (const [what, times] of Object.entries(simulation.fired)) fired[what] = (fired[what] ?? 0) + times
  }
  if (count! > 1) expect(Object.keys(fired).toSorted()).toEqual(faults.toSorted())
}, 60_000)
