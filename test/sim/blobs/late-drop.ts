/**
 * Collection orders a blob to be dropped; before the orders come to the nodes, somebody names the blob again. The touch
 * overtakes the drop, the change is committed, and only the nodes' own look at how idle the blob is can save it.
 */
import {assert} from '../../../src/base/index.ts'
import {blobNamed, bytesOf, commit, untag, upload} from './scenario.ts'
import {ask, fire, type Mutation, makeWorld, settings, tellStatus, type World} from './world.ts'

/** How long a drop is on its way: long enough for a commit, and within the deadline of a request. */
const dropLateMs = 2000

/** @returns how often each thing happened; throws when the model is broken */
export function nameWhileDropIsLate(mutation: Mutation): ReadonlyMap<string, number> {
  const world = makeWorld(1, mutation)
  world.trouble = 0
  const blob = blobNamed(1)
  const names = [...world.stores.keys()].slice(0, 2)
  run(world, 3000)
  for (const store of world.stores.values()) tellStatus(world, store)
  for (const name of names) upload(world, name, blob, names.length)
  run(world, 100)
  commit(world, blob, names.length)
  untag(world, blob)

  world.lateMs = request => {
    if (request.type !== 'drop-blobs') return 0
    if (!world.fired.has('named-again')) nameAgain(world)
    return dropLateMs
  }
  // Idle for the grace period, suspect, and confirmed a round later.
  const {graceMs = 0, confirmMs = 0, gcEveryMs = 0} = settings
  run(world, graceMs + confirmMs + 4 * gcEveryMs)
  assert(world.fired.has('named-again'), 'collection ordered the blob to be dropped')
  return world.fired

  function nameAgain(at: World): void {
    fire(at, 'named-again')
    at.timeline.after(0, () => {
      const named = {blob, bytes: bytesOf(blob)}
      ask(at, {type: 'name', blobs: [named], replicaCount: 2, replicaCountMin: 2}, answer => {
        assert(answer.type === 'named', 'the blob is there and can be named')
        commit(at, blob, 2)
      })
    })
  }
}

const run = (world: World, ms: number): void => world.timeline.runUntil(world.timeline.nowMs + ms)
