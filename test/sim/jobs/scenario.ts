/** What people and failures do, and what must be true of it when all is well again. */
import {assert} from '../../../src/base/index.ts'
import {type Grouping, groupings} from '../../../src/pipeline/index.ts'
import {type JobName, jobInfo, jobResults} from '../../../src/scheduler/index.ts'
import {connect, crash, disconnect, restart, type SimAgent} from './agent.ts'
import {expectedResults, type SimStage, tidy} from './symbols.ts'
import {ask, feed, fire, type Mutation, makeWorld, note, type SimJob, type World} from './world.ts'

const troubledMs = 60_000
/** Nodes that are avoided, pauses after failures, lost nodes, slow runs: each bounded by its settings. */
const healMs = 400_000

/** @returns the number of times that each kind of fault happened; throws when the model is broken */
export function runSeed(seed: number, mutation: Mutation = 'none', logLines = 40): ReadonlyMap<string, number> {
  const world = makeWorld(seed, mutation)
  try {
    const jobCount = 1 + world.random.int(4)
    for (let number = 1; number <= jobCount; number++) {
      const job = makeJob(world, number)
      world.jobs.set(job.spec.name, job)
      world.timeline.after(world.random.int(25_000), () => submit(world, job))
    }
    every(world, 1000, () => failures(world))
    every(world, 3000, () => people(world))
    every(world, 250, () => watch(world))
    world.timeline.runUntil(troubledMs)
    heal(world)
    for (const job of world.jobs.values()) checkEnded(world, job)
    return world.fired
  } catch (error) {
    throw new Error(`seed ${seed} at ${world.timeline.nowMs} ms\n${world.log.slice(-logLines).join('\n')}`, {
      cause: error,
    })
  }
}

function every(world: World, ms: number, act: () => void): void {
  world.timeline.after(Math.ceil(ms * (0.5 + world.random.next())), () => {
    if (world.timeline.nowMs >= troubledMs && ms !== 250) return
    act()
    every(world, ms, act)
  })
}

function makeJob(world: World, number: number): SimJob {
  const {random} = world
  const stageCount = 1 + random.int(3)
  const stages: SimStage[] = []
  for (let index = 0; index < stageCount; index++) {
    const grouping: Grouping = index === 0 && random.int(3) > 0 ? 'split' : random.pick(groupings)
    stages.push({name: `s${index}`, grouping, isConcurrent: random.int(3) === 0, labelCount: 1 + random.int(4)})
  }
  const inputCount = random.int(12) === 0 ? 0 : 1 + random.int(14)
  const names = [...world.agents.keys()]
  const inputs = Array.from({length: inputCount}, (_, at) => ({
    label: random.int(3),
    records: [`j${number}r${at}a`, `j${number}r${at}b`],
  }))
  const isPoisoned = inputCount > 0 && random.int(8) === 0
  return {
    spec: {
      name: `job${number}`,
      owner: 'sim',
      pipeline: stages.map(({name, grouping, isConcurrent}) => ({name, grouping, isConcurrent})),
      inputs: inputs.map(({label, records}) => ({
        label,
        bytes: random.int(2) * 100,
        records: 2,
        place: {type: 'urls', urls: [`raw://${records.join()}`]},
        nodes: [random.pick(names), random.pick(names)],
      })),
      priority: random.int(3) === 0 ? 1 : 0,
      weight: 1 + random.int(3),
      ...(random.int(4) === 0 && {slotsMax: 1 + random.int(3)}),
      ...(random.int(4) === 0 && {taskTimeMaxMs: random.pick([4000, 60_000])}),
      ...(random.int(5) === 0 && {resultTag: `results:${number}`}),
      ...(isPoisoned && {failuresPerTaskMax: 2}),
    },
    stages,
    inputs,
    poison: isPoisoned ? inputs[random.int(inputCount)]!.records[0]! : undefined,
    isFatal: random.int(2) === 0,
    isAccepted: false,
    isCancelled: false,
    ended: undefined,
    savedTag: false,
    accepted: new Map(),
  }
}

/** Until it is taken: the answer may be lost with the master. */
function submit(world: World, job: SimJob): void {
  if (job.isAccepted) return
  ask(world, {type: 'submit', spec: job.spec}, answer => {
    assert(answer.type === 'accepted', `${job.spec.name} is accepted: ${JSON.stringify(answer)}`)
    job.isAccepted = true
  })
  world.timeline.after(2000, () => submit(world, job))
}

function people(world: World): void {
  const {random} = world
  const job = random.pick([...world.jobs.keys()])
  const kind = random.int(100)
  if (kind < 20) change(world, 'pause', job)
  else if (kind < 60) change(world, 'resume', job)
  else if (kind < 64) {
    ask(world, {type: 'cancel', job}, answer => {
      if (answer.type !== 'accepted') return
      fire(world, 'cancelled')
      world.jobs.get(job)!.isCancelled = true
    })
  } else if (kind < 80) ask(world, {type: 'set-priority', job, priority: random.int(3)}, () => fire(world, 'priority'))
  else drain(world)
}

const change = (world: World, type: 'pause' | 'resume', job: JobName): void =>
  ask(world, {type, job}, answer => {
    if (answer.type === 'accepted') fire(world, `${type}d`)
  })

function drain(world: World): void {
  fire(world, 'drained')
  const {name} = world.random.pick([...world.agents.values()])
  feed(world, {type: 'node-draining', node: name, isDraining: true})
  world.timeline.after(world.random.int(10_000), () =>
    feed(world, {type: 'node-draining', node: name, isDraining: false}),
  )
}

function failures(world: World): void {
  const {random} = world
  const agent = random.pick([...world.agents.values()])
  const kind = random.int(100)
  if (kind < 18) crash(world, agent, false, 300 + random.int(20_000))
  else if (kind < 26) crash(world, agent, true, 300 + random.int(20_000))
  else if (kind < 46) breakLink(world, agent)
  else if (kind < 56) forAWhile(world, 'node-slow', value => (agent.isSlow = value))
  else if (kind < 64) forAWhile(world, 'node-bad', value => (agent.isFailing = value))
  else if (kind < 72) loseFile(world, agent)
  else if (kind < 80) fillDisk(world, agent)
}

function breakLink(world: World, agent: SimAgent): void {
  if (agent.link === 0) return
  fire(world, 'link-broken')
  disconnect(world, agent)
  world.timeline.after(world.random.int(12_000), () => connect(world, agent))
}

function forAWhile(world: World, kind: string, set: (value: boolean) => void): void {
  fire(world, kind)
  set(true)
  world.timeline.after(2000 + world.random.int(10_000), () => set(false))
}

/** Of a job that is not over: what is lost later is not the scheduler's to make again. */
function loseFile(world: World, agent: SimAgent): void {
  const path = [...agent.files.keys()].find(name => world.jobs.get(name.split('/')[0]!)!.ended === undefined)
  if (path === undefined) return
  const job = world.state.jobs.get(path.split('/')[0]!)
  const last = job?.stages.at(-1)
  // Nobody reads results before the job is done.
  if (last?.tasks.some(task => String(task.result?.run) === path.split('/')[1])) return
  if ([...agent.runs.keys()].some(run => String(run) === path.split('/')[1])) return
  fire(world, 'file-lost')
  agent.files.delete(path)
}

function fillDisk(world: World, agent: SimAgent): void {
  fire(world, 'disk-full')
  feed(world, {type: 'node-status', node: agent.name, freeBytes: 1, totalBytes: 100})
  world.timeline.after(world.random.int(15_000), () =>
    feed(world, {type: 'node-status', node: agent.name, freeBytes: 50, totalBytes: 100}),
  )
}

/** What has ended stays so; what is done is right at once. */
function watch(world: World): void {
  for (const [name, job] of world.jobs) {
    const state = world.state.jobs.get(name)?.state
    if (job.ended !== undefined) assert(state === job.ended, `${name}, which is ${job.ended}, stays so (${state})`)
    else if (state === 'done' || state === 'failed' || state === 'cancelled') {
      note(world, `${name} ended: ${state}`)
      job.ended = state
      if (state === 'done') checkResults(world, job)
    }
  }
}

function checkResults(world: World, job: SimJob): void {
  const {name, resultTag} = job.spec
  const results = jobResults(world.state, name)!.map(({place}) => {
    assert(place.type === 'file', 'results are files')
    const agent = world.agents.get(place.node)!
    // What a disk took with it counts until the master hears of it.
    const goneMs = world.destroyed.get(`${place.node}/${place.path}`)?.heardMs ?? 0
    const isThere = agent.files.has(place.path) || goneMs >= (world.state.jobs.get(name)?.endedMs ?? 0)
    assert(isThere, `the result ${place.path} of ${name} is on ${place.node}`)
    return world.written.get(`${place.node}/${place.path}`)!
  })
  const expected = expectedResults(job.stages, job.inputs)
  const found = tidy(job.stages, results)
  assert(JSON.stringify(found) === JSON.stringify(expected), `the results of ${name} are those of a single process`)
  assert(job.poison === undefined, `${name} has a record that cannot be processed`)
  assert(resultTag === undefined || job.savedTag, `${name} is done after its results are saved`)
  const {stages} = jobInfo(world.state, name)!
  for (const stage of stages) assert(stage.done === stage.tasks, `all tasks of ${stage.name} of ${name} are done`)
  const counted = stages.at(-1)!.outputRecords
  const records = expected.reduce((sum, list) => sum + list.length, 0)
  assert(counted === records, `each result of ${name} is counted once: ${counted} of ${records} records`)
}

/** Every fault ends; then all jobs must. */
function heal(world: World): void {
  world.trouble = 0
  world.timeline.runUntil(troubledMs + 15_000)
  for (const agent of world.agents.values()) {
    agent.isSlow = false
    agent.isFailing = false
    restart(world, agent)
    connect(world, agent)
    feed(world, {type: 'node-draining', node: agent.name, isDraining: false})
    feed(world, {type: 'node-status', node: agent.name, freeBytes: 50, totalBytes: 100})
  }
  for (const job of world.jobs.values()) {
    submit(world, job)
    ask(world, {type: 'resume', job: job.spec.name}, () => undefined)
  }
  const endMs = world.timeline.nowMs + healMs
  while (world.timeline.nowMs < endMs && [...world.jobs.values()].some(job => job.ended === undefined)) {
    world.timeline.runUntil(world.timeline.nowMs + 5000)
  }
}

function checkEnded(world: World, job: SimJob): void {
  const {name} = job.spec
  const info = jobInfo(world.state, name)
  assert(job.ended !== undefined, `${name} ends after all is well: ${JSON.stringify(info)}`)
  const text = JSON.stringify(info?.failure)
  if (job.ended === 'cancelled') assert(job.isCancelled || world.life > 1, `${name} was cancelled by somebody`)
  else if (job.ended === 'failed') {
    assert(job.poison !== undefined, `${name} fails for a reason: ${text}`)
    // Its budget is small: other failures may use it up.
    const isPoisoned = info?.failure?.message.includes('cannot be processed') === true
    assert(isPoisoned || info?.failure?.message.includes('At most 2') === true, `${name} says why it failed: ${text}`)
    assert(!isPoisoned || info?.failure?.sample === job.poison, `${name} shows the record that it failed on`)
    fire(world, isPoisoned ? 'failed' : 'budget-used')
  } else fire(world, 'done')
}
