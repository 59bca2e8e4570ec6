/**
 * What agents tell about runs, as events of the scheduler.
 *
 * A node counts from its `jobs-begin` on a link to the end of that link. Between `jobs-begin` and `jobs-ready` it reports what
 * it has; after that it tells what happens. Outputs that do not fit into one notice come before the end of their run.
 */
import type {Output} from '../../../pipeline/index.ts'
import type {NodeName, RunEnd, RunName, TaskNotice} from '../../../protocol/index.ts'
import type {RunReport} from '../../../scheduler/index.ts'
import type {Occurrence} from './occurrence.ts'

interface Linked {
  readonly link: number
  isReporting: boolean
  /** Outputs of runs whose end has not come yet. */
  readonly outputs: Map<number, Output[]>
}

/** Of all nodes. What comes from a link that is not the node's last one is dropped. */
export class NodeReports {
  readonly #step: (occurrence: Occurrence) => void
  readonly #linked = new Map<NodeName, Linked>()
  readonly #wiped = new Set<NodeName>()

  constructor(step: (occurrence: Occurrence) => void) {
    this.#step = step
  }

  linkOf(node: NodeName): number | undefined {
    return this.#linked.get(node)?.link
  }

  names(): NodeName[] {
    return [...this.#linked.keys()]
  }

  /** Its folder is another one than before: it has none of its files. */
  noteWiped(node: NodeName): void {
    this.#wiped.add(node)
  }

  /** @param link - numbers the connections of the node, growing */
  onNotice(node: NodeName, link: number, isDraining: boolean, notice: TaskNotice): void {
    if (notice.type === 'jobs-begin') {
      const {slots, jobs} = notice
      this.#linked.set(node, {link, isReporting: true, outputs: new Map()})
      this.#step({type: 'node-joined', node, link, slots, jobs, isDraining, isWiped: this.#wiped.delete(node)})
      return
    }
    const linked = this.#linked.get(node)
    if (linked === undefined || linked.link !== link) return
    this.#onLinkedNotice(node, linked, notice)
  }

  /** Its link ended. */
  onOffline(node: NodeName): void {
    const linked = this.#linked.get(node)
    if (linked === undefined) return
    this.#linked.delete(node)
    this.#step({type: 'node-offline', node, link: linked.link})
  }

  #onLinkedNotice(node: NodeName, linked: Linked, notice: Exclude<TaskNotice, {type: 'jobs-begin'}>): void {
    switch (notice.type) {
      case 'run-running':
        this.#report(node, linked, notice, {
          state: 'running',
          hasAllInputs: notice.hasAllInputs,
          ...(notice.isAhead && {isAhead: true}),
        })
        break
      case 'jobs-ready':
        linked.isReporting = false
        this.#step({type: 'node-ready', node, link: linked.link})
        break
      case 'jobs-status': {
        const {type: _, ...status} = notice
        this.#step({type: 'node-status', node, ...status})
        break
      }
      case 'run-progress':
        this.#step({type: 'run-progress', node, ...nameOf(notice), progress: notice.progress})
        break
      case 'run-messages':
        for (const text of notice.texts) this.#step({type: 'run-message', node, ...nameOf(notice), text})
        break
      case 'run-outputs': {
        const outputs = notice.at === 0 ? [] : (linked.outputs.get(notice.run) ?? [])
        if (outputs.length === notice.at) linked.outputs.set(notice.run, [...outputs, ...notice.outputs])
        break
      }
      case 'run-ended':
        this.#onEnd(node, linked, notice, notice.end)
        break
      case 'runs-ended':
        for (const ended of notice.ends) this.#onEnd(node, linked, ended, ended.end)
        break
    }
  }

  #onEnd(node: NodeName, linked: Linked, run: RunName, end: RunEnd): void {
    const report = this.#reportOf(linked, run, end)
    if (linked.isReporting) this.#report(node, linked, run, report)
    else if (report.state === 'done') {
      const {state: _, ...ended} = report
      this.#step({type: 'run-done', node, ...nameOf(run), ...ended})
    } else this.#step({type: 'run-failed', node, ...nameOf(run), failure: report.failure})
  }

  #reportOf(linked: Linked, run: RunName, end: RunEnd): Exclude<RunReport, {state: 'running'}> {
    const before = linked.outputs.get(run.run) ?? []
    linked.outputs.delete(run.run)
    if (end.state === 'failed') return end
    const {progress, counters} = end
    const figures = {progress, ...(counters === undefined ? {} : {counters})}
    if (end.at === 0) return {state: 'done', outputs: end.outputs, ...figures}
    if (end.at !== before.length) {
      return {state: 'failed', failure: {class: 'error', message: 'the list of its outputs did not arrive whole'}}
    }
    return {state: 'done', outputs: [...before, ...end.outputs], ...figures}
  }

  #report(node: NodeName, linked: Linked, run: RunName, report: RunReport): void {
    this.#step({type: 'run-reported', node, link: linked.link, ...nameOf(run), report})
  }
}

const nameOf = ({job, task, run}: RunName): RunName => ({job, task, run})
