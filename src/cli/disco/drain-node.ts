/** Drains a node and waits until nothing on it is needed. */
import {UserError} from '../../base/index.ts'
import type {ClusterClient} from '../../client/index.ts'
import type {NodeInfo} from '../../protocol/index.ts'

/** How often the cluster is asked. Milliseconds. */
const pollMs = 500

/**
 * @param isWaiting - false: starts it and returns
 * @returns the node as it was last; that also when it is removed meanwhile
 * @throws UserError WRONG_STATE when somebody takes it into use again meanwhile
 */
export async function drainNode(
  client: Pick<ClusterClient, 'changeNode' | 'nodes'>,
  name: string,
  isWaiting: boolean,
  isQuiet: boolean,
): Promise<NodeInfo> {
  let node = await client.changeNode('drain', name)
  let told = ''
  while (isWaiting && node.isSafeToRemove !== true) {
    // Only of a node that drains is it said whether it may go.
    if (node.isSafeToRemove === undefined) {
      throw new UserError('WRONG_STATE', `${name} is not draining any more: it was taken into use again meanwhile`, {
        hint: `if it should go all the same: disco node drain ${name}`,
      })
    }
    const text = `${name}: ${node.drainBlobsLeft ?? 0} blobs and ${node.drainTagsLeft ?? 0} tags to copy\n`
    if (!isQuiet && text !== told) process.stderr.write(text)
    told = text
    await new Promise(resolve => setTimeout(resolve, pollMs))
    const {nodes} = await client.nodes()
    const found = nodes.find(one => one.name === name)
    if (found === undefined || found.state === 'removed') return node
    node = found
  }
  if (!isQuiet) {
    process.stdout.write(
      node.isSafeToRemove === true ? `${name} is safe to remove: disco node remove ${name}\n` : `${name} is draining\n`,
    )
  }
  return node
}
