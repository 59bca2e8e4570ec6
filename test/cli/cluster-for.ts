/** The cluster that the tests of a block run on. */
import {afterAll, beforeAll, expect} from 'vitest'
import type {DiscoProject} from './disco-project.ts'

/**
 * Starts a cluster before the tests of this block, and stops it behind them.
 *
 * @param args - of `disco start`, once the project is there
 * @returns the project, for use in tests
 */
export function clusterFor<Kind extends DiscoProject>(
  make: () => Kind,
  args: (project: Kind) => readonly string[],
): () => Kind {
  let project: Kind
  beforeAll(() => {
    project = make()
    project.startCluster(...args(project))
  })
  afterAll(async () => {
    expect(await project.stopCluster()).toEqual([])
    project.close()
  })
  return () => project
}
