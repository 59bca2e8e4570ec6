/**
 * Runs tasks on one node.
 *
 * A run: ordered -> running -> done or failed -> told -> accepted or stopped. One that is ordered ahead waits before it runs
 * until a slot is free; those begin in the order of their orders. A run goes on when the master is away; what was done
 * is kept, over restarts of this process, until the master has said that it counts. Orders are answered before they are carried
 * out, and can come twice.
 */
import {join} from 'node:path'
import {messageOf} from '../../../base/index.ts'
import {HttpClient} from '../../../client/index.ts'
import {
  type BlobId,
  type Failed,
  failed,
  type NodeName,
  type RunName,
  runTextLengthMax,
  type SmallOrder,
  type TaskNotice,
  type TaskReply,
  type TaskRequest,
} from '../../../protocol/index.ts'
import {keptPartialsBytesDefault, type LocalBlob, type TaskUsers, UserTurn} from '../../../worker/index.ts'
import {failureOf} from '../../agent/blob-service.ts'
import type {Log} from '../../run/log.ts'
import {DoneRuns} from './done-runs.ts'
import type {AddressPorts} from './input-addresses.ts'
import {KeptPartials} from './kept-partials.ts'
import {locateBlob} from './locate-blob.ts'
import {MachineRoom} from './machine-room.ts'
import {findOob} from './oob.ts'
import {PackStore} from './pack-store.ts'
import {ProcessPool} from './process-pool.ts'
import {prepareRuleOrder, type Told} from './rule-runner.ts'
import {RunFiles, type RunRecord} from './run-files.ts'
import {nameOf, outcomeOf, recordOf} from './run-record.ts'
import {RunReporter, sendEnd} from './run-reporter.ts'
import {RunSlots} from './run-slots.ts'
import {saveFiles} from './save-files.ts'
import {RunInputs, type StartOrder} from './task-order.ts'
import {type RunnerPorts, type RunOutcome, runOrder} from './task-runner.ts'
import {letTaskUsersPass, passedMode} from './task-users.ts'
import {ThreadPool} from './thread-pool.ts'
import {untilIdle} from './until-idle.ts'
import {VerifiedBlobs} from './verified-blobs.ts'

export interface AgentJobsOptions {
  readonly node: NodeName
  /** Its own: `jobs/` in the node's folder. */
  readonly folder: string
  readonly slotCount: number
  /** Base URL of a node that answers for the master. */
  readonly masterUrl: () => string
  readonly joinToken: string
  readonly ca: string | undefined
  readonly ticketKey: Uint8Array
  /** The master's clock. */
  readonly nowMs: () => number
  /** Base URLs of members that are not lost and can be reached. */
  readonly addresses: () => ReadonlyMap<NodeName, string>
  readonly hasBlob: (blob: BlobId) => boolean
  /** The file of a blob that is here, for tasks that read it at once. Default: none is read so. */
  readonly blobFile?: (blob: BlobId) => LocalBlob | undefined
  /** For partial aggregates of rules that are kept: `partials/` in the node's folder. Default: beside the jobs. */
  readonly partialsFolder?: string
  /** Bytes of them. */
  readonly partialsBytesMax?: number
  /** Processes of tasks run as these; left out: as this one does. `home` is the cluster's folder, above `folder` or not. */
  readonly taskUsers?: TaskUsers | undefined
  readonly home?: string
  /** Checks and promises a master's epoch. */
  readonly promise: (epoch: number) => Failed | undefined
  /** To the master. Rejects without a link. */
  readonly send: (notice: TaskNotice) => Promise<void>
  readonly log: Log
}

interface ActiveRun {
  readonly order: StartOrder
  readonly inputs: RunInputs
  readonly stopping: AbortController
  /** Of one that waits: what can be done before its turn. */
  prepared: Promise<Told | undefined> | undefined
  /** Settles when nothing of it runs any more. */
  ended: Promise<void>
  /** A failure that the master may not have heard of. */
  failure: RunOutcome | undefined
}

/**
 * Goes on with what its folder holds: runs that were done and not accepted are told by the next `report`. Of those that were
 * under way nothing stays.
 */
export class AgentJobs {
  readonly files: RunFiles
  readonly http: HttpClient
  readonly #options: AgentJobsOptions
  readonly #packs: PackStore
  readonly #users: UserTurn | undefined
  readonly #processes: ProcessPool
  readonly #threads: ThreadPool
  readonly #partials: KeptPartials
  readonly #reporter: RunReporter
  readonly #verified = new VerifiedBlobs(() => performance.now())
  readonly #addresses: AddressPorts
  readonly #active = new Map<number, ActiveRun>()
  readonly #slots: RunSlots<ActiveRun>
  readonly #done: DoneRuns
  readonly #room: MachineRoom
  /** Numbers reports: one for an older link stops. */
  #reportCount = 0
  #isClosed = false

  constructor(options: AgentJobsOptions) {
    this.#options = options
    const {taskUsers} = options
    this.files = new RunFiles(options.folder, taskUsers === undefined ? 0o700 : passedMode)
    if (taskUsers !== undefined) letTaskUsersPass(taskUsers, this.files.packs, options.home ?? options.folder)
    const recovered = this.files.recover()
    this.#users = taskUsers === undefined ? undefined : new UserTurn(taskUsers)
    this.http = new HttpClient(options.ca)
    const {masterUrl, joinToken} = options
    this.#packs = new PackStore({
      folder: this.files.packs,
      http: this.http,
      masterUrl,
      joinToken,
      isShared: taskUsers !== undefined,
    })
    this.#processes = new ProcessPool(options.slotCount, this.#users)
    this.#threads = new ThreadPool(options.slotCount)
    this.#partials = new KeptPartials(
      options.partialsFolder ?? join(options.folder, '..', 'partials'),
      options.partialsBytesMax ?? keptPartialsBytesDefault,
    )
    this.#reporter = new RunReporter(options.send)
    this.#slots = new RunSlots(options.slotCount, run => {
      run.ended = this.#carryOut(run)
    })
    const ports = {
      node: options.node,
      files: this.files,
      reporter: this.#reporter,
      isHurried: () => this.#slots.waitingCount === 0,
      remove: (name: RunName) => this.#removeQuietly(name),
      log: options.log,
    }
    this.#done = new DoneRuns(ports, recovered)
    this.#addresses = {
      node: options.node,
      isRemote: taskUsers !== undefined,
      jobFolder: job => this.files.folderOf(job),
      addressOf: node => options.addresses().get(node),
      hasPeers: () => [...options.addresses().keys()].some(name => name !== options.node),
      hasBlob: options.hasBlob,
      locate: blob => locateBlob(this.http, masterUrl(), joinToken, blob),
      ticketKey: options.ticketKey,
      nowMs: options.nowMs,
    }
    this.#room = new MachineRoom(options)
  }

  /** Answers an order of the master. */
  async handle(request: TaskRequest): Promise<TaskReply | Failed> {
    if (this.#isClosed) return failed('UNREACHABLE', `${this.#options.node} stops`)
    const refused = this.#options.promise(request.epoch)
    if (refused !== undefined) return refused
    try {
      return await this.#perform(request)
    } catch (error) {
      return failureOf(error)
    }
  }

  async #perform(request: TaskRequest): Promise<TaskReply | Failed> {
    switch (request.type) {
      case 'start-run':
        return this.#start(request)
      case 'take-orders':
        return this.#takeOrders(request.orders)
      case 'push-inputs':
        this.#active.get(request.run)?.inputs.add(request.inputs, request.isEnd)
        return {type: 'noted'}
      case 'stop-run':
        await this.#stop(request)
        return {type: 'noted'}
      case 'accept-run':
        this.#done.accept([request.run])
        return {type: 'noted'}
      case 'end-job':
        await this.#endJob(request.job, request)
        return {type: 'noted'}
      case 'save-files':
        return await saveFiles(this.http, this.files.folderOf(request.job), request.files)
    }
  }

  /** Tells a master what is here. After the inventory, on each new link. */
  async report(): Promise<void> {
    const number = ++this.#reportCount
    const {send, slotCount, log} = this.#options
    try {
      this.#done.flush()
      await send({type: 'jobs-begin', slots: slotCount, jobs: this.files.jobs()})
      await this.#room.tell()
      for (const run of [...this.#active.values()]) {
        const {order, inputs, failure} = run
        if (number !== this.#reportCount) return
        const name = nameOf(order)
        if (failure === undefined) {
          const isAhead = this.#slots.isWaiting(run)
          await send({type: 'run-running', ...name, hasAllInputs: inputs.isComplete, ...(isAhead && {isAhead})})
        } else await this.#tellFailure(name, failure)
      }
      for (const record of this.#done.records()) {
        if (number !== this.#reportCount) return
        await sendEnd(send, nameOf(record), outcomeOf(record))
      }
      await send({type: 'jobs-ready'})
    } catch (error) {
      // The link broke: the next one gets a report of its own.
      log({level: 'info', msg: 'runs not reported', text: messageOf(error)})
    }
  }

  /** What a task put under a key, here or on another node. */
  async getOob(job: string, key: string): Promise<Uint8Array | undefined> {
    const {addresses, joinToken, node} = this.#options
    const others = [...addresses()].filter(([name]) => name !== node).map(([, url]) => url)
    return await findOob({files: this.files, http: this.http, joinToken, others}, job, key)
  }

  /**
   * Waits for the runs that go on. The master hears that there is no memory left for more, so it sends none; what was on its way
   * is taken.
   *
   * @param limitMs - not longer than this
   * @param signal - aborted: not any longer
   */
  async drain(limitMs: number, signal: AbortSignal): Promise<void> {
    await this.#room.drain()
    await untilIdle(
      () => [...this.#active.values()].flatMap(({failure, ended}) => (failure === undefined ? [ended] : [])),
      limitMs,
      signal,
    )
  }

  /** The file of a blob was written here, and hashed on its way. */
  noteWritten(path: string): void {
    this.#verified.noteWritten(path)
  }

  /** Whether a rule's partial is kept here, by `partialName`. */
  keepsPartial(name: string): boolean {
    return this.#partials.has(name)
  }

  /** Ends all processes. Runs that were under way are run again by the master. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#room.close()
    this.#slots.dropAll()
    this.#done.close()
    this.#reporter.close()
    for (const {stopping} of this.#active.values()) stopping.abort(new Error('the node stops'))
    await Promise.allSettled([...this.#active.values()].map(run => run.ended))
    await this.#processes.close()
    await this.#threads.close()
    await this.#partials.close()
    this.http.close()
  }

  #start(order: StartOrder): TaskReply | Failed {
    if (this.#active.has(order.run) || this.#done.has(order.run)) return {type: 'noted'}
    if (this.#room.isDiskFull) return failed('DISK_FULL', `${this.#options.node} has no room for tasks`)
    const run: ActiveRun = {
      order,
      inputs: new RunInputs(order.inputs, order.hasAllInputs),
      stopping: new AbortController(),
      prepared: undefined,
      ended: Promise.resolve(),
      failure: undefined,
    }
    this.files.notePack(order.job, order.pack.hash)
    this.#active.set(order.run, run)
    if (!this.#slots.enter(run, order.isAhead === true)) {
      run.prepared = prepareRuleOrder(order, this.#ports(), run.stopping.signal)
      // Its turn may never come; when it does it meets what went wrong.
      run.prepared.catch(() => undefined)
    }
    return {type: 'noted'}
  }

  #takeOrders(orders: readonly SmallOrder[]): TaskReply {
    const refused: {readonly run: number; readonly message: string}[] = []
    this.#done.accept(orders.flatMap(order => (order.type === 'accept-run' ? [order.run] : [])))
    for (const order of orders) {
      if (order.type === 'accept-run') continue
      const reply = this.#start(order)
      if (reply.type === 'failed') refused.push({run: order.run, message: reply.message})
    }
    return {type: 'orders-taken', refused}
  }

  #ports(): RunnerPorts {
    return {
      packs: this.#packs,
      processes: this.#processes,
      threads: this.#threads,
      partials: this.#partials,
      verified: this.#verified,
      blobFile: (blob: BlobId) => this.#options.blobFile?.(blob),
      addresses: this.#addresses,
      http: this.http,
      masterUrl: this.#options.masterUrl,
      users: this.#users,
      ca: this.#options.ca,
      getOob: (job: string, key: string) => this.getOob(job, key),
    }
  }

  async #carryOut(run: ActiveRun): Promise<void> {
    const {order, inputs, stopping} = run
    const name = nameOf(order)
    try {
      const listener = {
        log: (line: string) => this.#reporter.message(name, line),
        progress: (progress: RunRecord['progress']) => this.#reporter.progress(name, progress),
      }
      const outcome = await runOrder(order, inputs, this.#ports(), listener, stopping.signal, run.prepared)
      this.#slots.leave(run)
      await this.#finish(run, outcome)
    } catch (error) {
      if (stopping.signal.aborted) return
      // A disk that takes no record, or a bug: this run failed, and others may not.
      this.#options.log({level: 'error', msg: 'run failed', job: order.job, text: messageOf(error)})
      const message = `${this.#options.node} could not run it: ${messageOf(error)}`.slice(0, runTextLengthMax)
      await this.#finish(run, {state: 'failed', failure: {class: 'error', message}})
    } finally {
      this.#slots.leave(run)
    }
  }

  async #finish(run: ActiveRun, outcome: RunOutcome): Promise<void> {
    const {order} = run
    const name = nameOf(order)
    if (outcome.state === 'failed') {
      run.failure = outcome
      await this.#tellFailure(name, outcome)
      await this.#removeQuietly(name)
      return
    }
    this.#active.delete(order.run)
    this.#done.add(recordOf(order, outcome), outcome)
  }

  /** What stays is removed by the next start, or with the job. */
  async #removeQuietly({job, run}: RunName): Promise<void> {
    try {
      await this.files.remove(job, run)
    } catch (error) {
      this.#options.log({level: 'warn', msg: 'files of a run stay', job, run, text: messageOf(error)})
    }
  }

  /** Once it has left it is forgotten: a master that did not get it hears that the run is not here, and orders another. */
  async #tellFailure(name: RunName, outcome: RunOutcome): Promise<void> {
    try {
      await this.#reporter.end(name, outcome)
      this.#active.delete(name.run)
    } catch (error) {
      this.#options.log({level: 'debug', msg: 'failure not told', job: name.job, text: messageOf(error)})
    }
  }

  async #stop({job, run}: RunName): Promise<void> {
    const active = this.#active.get(run)
    if (active !== undefined) this.#slots.drop(active)
    this.#active.delete(run)
    this.#done.drop(run)
    this.#reporter.drop(run)
    active?.stopping.abort(new Error('the run was stopped'))
    await active?.ended
    await this.files.remove(job, run)
  }

  async #endJob(
    job: string,
    {isPurged, keepsStages}: {readonly isPurged: boolean; readonly keepsStages?: boolean},
  ): Promise<void> {
    const stopped = [...this.#active.values()].filter(run => run.order.job === job)
    for (const {order} of stopped) await this.#stop(order)
    if (isPurged) this.#done.dropJob(job)
    if (isPurged || keepsStages !== true) await this.files.endJob(job, isPurged)
    if (isPurged) this.#packs.forgetAll()
  }
}
