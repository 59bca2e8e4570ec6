/** Deliberate mistakes in the protocol, made outside the core: the checkers must notice each of them. */
import type {TagReply, TagRequest} from '../../src/protocol/index.ts'
import {isSameVersion} from '../../src/protocol/index.ts'
import type {Mutation} from './cluster.ts'
import type {SimMaster} from './sim-master.ts'
import type {SimNode} from './sim-node.ts'

/** One replica that has a change is taken for all of them. */
function acknowledgeAtMinority(): Mutation {
  return {
    onReply(master: SimMaster, call: number, reply: TagReply): void {
      const answered = master.pending.get(call)?.request
      if (reply.type !== 'applied' || answered?.type !== 'commit') return
      for (const [other, {request}] of [...master.pending]) {
        const isSame = request.type === 'commit' && request.commit.tag === answered.commit.tag
        if (other !== call && isSame && isSameVersion(request.commit.next, answered.commit.next)) {
          master.reply(other, reply)
        }
      }
    },
  }
}

/** A new master believes the first head it hears: nobody is asked, and nothing half-made is shut out. */
function skipTheClaim(): Mutation {
  return {
    onSend(master: SimMaster, call: number, node: string, request: TagRequest): boolean {
      if (request.type !== 'commit' || request.commit.change.type !== 'claim') return false
      const record = master.state.tags.get(request.commit.tag)
      if (record?.head === undefined || node === '') return false
      const {version} = record.head
      const head = {...record.head, version: {...version, epoch: request.commit.next.epoch}}
      master.later(() => master.reply(call, {type: 'applied', applied: {head, addedCount: 0, removedCount: 0}}))
      return true
    },
    /** Bases that were never written are taken for what is there. */
    onRequest<T extends TagRequest>(node: SimNode, request: T): T {
      if (request.type !== 'commit' || request.commit.base === undefined) return request
      const reply = node.store.handle({type: 'fetch-tag', tag: request.commit.tag, after: 0})
      const own = reply.type === 'tag-page' ? reply.page?.head.version : undefined
      const isSkipped = own !== undefined && own.epoch < request.commit.base.epoch
      return isSkipped ? {...request, commit: {...request.commit, base: own}} : request
    },
  }
}

/** Agents obey every master, also one that was followed by another. */
function ignoreTheEpoch(): Mutation {
  return {
    onRequest<T extends TagRequest>(node: SimNode, request: T): T {
      return 'epoch' in request ? {...request, epoch: Math.max(request.epoch, node.store.epoch())} : request
    },
  }
}

export const mutations: Readonly<Record<string, () => Mutation>> = {
  'acknowledging at a minority': acknowledgeAtMinority,
  'skipping the claim': skipTheClaim,
  'ignoring the epoch': ignoreTheEpoch,
}
