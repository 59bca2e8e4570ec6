/**
 * The master: membership, the tag coordinator and the blob core in one process, and what joins them.
 *
 * What a node tells arrives here once and goes to each core that it concerns. The order of a node's life is the same for
 * all of them: `inventory-begin` on a new link joins it, `inventory-end` completes it, the end of the link suspends it, the
 * membership declares it lost, a person removes it.
 */
import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import {messageOf} from '../../base/index.ts'
import type {Coverage} from '../../ddfs/index.ts'
import {coverageOf} from '../../ddfs/index.ts'
import {type MasterMesh, type Member, openMesh} from '../../mesh/index.ts'
import {type ClusterView, isTaskNotice, type MeshNotice, type NodeName, ticketKeyOf} from '../../protocol/index.ts'
import type {Journal} from '../../storage/index.ts'
import type {KnownToken} from '../http/index.ts'
import {MasterJobs} from '../jobs/master/master-jobs.ts'
import type {ReadPlan} from '../jobs/master/submit-job.ts'
import type {Log, OpenLog} from '../run/log.ts'
import {tokensSetting} from '../run/tokens.ts'
import {AuditLog, TokenList, tokensToldMs} from '../security/index.ts'
import {BlobDriver} from './blob-driver.ts'
import {nextEpoch} from './epochs.ts'
import {MasterSettings} from './master-settings.ts'
import {NodeLinks} from './node-links.ts'
import {blobSettingsOf, jobSettingsOf, settingsOf, tagSettingsOf} from './settings.ts'
import {MasterFile} from './state-file.ts'
import {TagDriver} from './tag-driver.ts'
import {WipedNodes} from './wiped-nodes.ts'

/** Tags that a message about missing coverage names. */
const uncoveredNamedMax = 5

export interface MasterShellOptions {
  /** The master's own folder; locked by the caller. */
  readonly folder: string
  readonly joinToken: string
  /** Nobody but this machine reaches it. */
  readonly isPrivate: boolean
  /** Those of the first start; what people made is in the folder. */
  readonly tokens: readonly KnownToken[]
  readonly software: string
  /** Of this folder. The master closes it. */
  readonly journal: Journal
  readonly readPlan: ReadPlan
  readonly openLog: OpenLog
  /** A newer master has taken over: this process must stop being one. */
  readonly onSuperseded: (epoch: number) => void
  readonly onBug: (error: unknown) => void
}

/**
 * A running master. Its epoch is on the disk when it has been made; it takes links from then on (`mesh.accept`).
 *
 * @throws UserError CANNOT_START for a file of its folder that cannot be read; ClusterError when the journal cannot
 */
export class Master {
  readonly mesh: MasterMesh
  readonly startedAtMs = Date.now()
  readonly ticketKey: Uint8Array
  /** This and `blobs` are others after each new epoch: nobody may keep them. */
  tags: TagDriver
  blobs: BlobDriver
  readonly jobs: MasterJobs
  readonly settings: MasterSettings
  readonly #options: MasterShellOptions
  readonly tokenList: TokenList
  /** Who changed what. */
  readonly audit: AuditLog
  readonly #file: MasterFile
  readonly #log: Log
  readonly #links = new NodeLinks()
  readonly #wiped: WipedNodes
  /** As the cores know them. */
  #toldSettings: ClusterView['settings'] | undefined
  #toldTimings: ClusterView['timings'] | undefined
  #isStarting = true
  #isClosed = false

  constructor(options: MasterShellOptions) {
    this.#options = options
    this.#log = options.openLog('master')
    this.ticketKey = ticketKeyOf(options.joinToken)
    this.#file = new MasterFile(options.folder, this.#log)
    this.tokenList = new TokenList(options.folder)
    this.audit = new AuditLog(join(options.folder, 'audit.log'), this.#log)
    const {memory} = this.#file
    this.#file.remember({epoch: nextEpoch(memory.epoch)})
    this.settings = new MasterSettings({
      mesh: () => this.mesh,
      isPrivate: options.isPrivate,
      checkRoom: () => this.#file.checkRoom(),
    })
    this.#wiped = new WipedNodes(
      {
        // The mesh speaks before the constructor is through.
        told: () => this.mesh?.view.settings['wiped']?.toString(),
        remembered: () => this.#file.memory.wiped,
        save: (wiped, told) => {
          this.#file.note({wiped})
          this.settings.change({wiped: told})
        },
      },
      memory.view?.members ?? [],
    )
    const tokens = tokensSetting(this.knownTokens())
    const view = memory.view === undefined ? undefined : {...memory.view, settings: {...memory.view.settings, tokens}}
    const meshLog = options.openLog('mesh')
    // Events of the mesh come later than this, but drivers are made with the mesh in hand.
    this.mesh = openMesh({
      role: 'master',
      key: memory.key,
      epoch: this.#file.memory.epoch,
      ...(view === undefined ? {} : {view}),
      newCluster: randomBytes(16).toString('hex'),
      software: options.software,
      settings: {tokens},
      takeEpoch: above => this.#takeEpoch(above),
      onSuperseded: epoch => this.#supersede(epoch),
      rememberView: next => this.#rememberView(next),
      onMember: member => this.#onMember(member),
      onNotice: (node, notice) => this.#onNotice(node, notice),
      onBug: options.onBug,
      log: line => meshLog({...line}),
    })
    this.tags = this.#makeTags()
    this.blobs = this.#makeBlobs()
    this.#adoptMembers(this.mesh.view)
    this.jobs = new MasterJobs({
      master: this,
      journal: options.journal,
      readPlan: options.readPlan,
      settings: jobSettingsOf(this.settings.numbers()),
      log: options.openLog('jobs'),
      onBroken: options.onBug,
    })
  }

  get epoch(): number {
    return this.mesh.epoch
  }

  /** All tokens that open something at this cluster. */
  knownTokens(): readonly KnownToken[] {
    return [...this.#options.tokens, ...this.tokenList.tokens]
  }

  /** The list of tokens has changed. Waits until the nodes know. @returns those that do not answer: they hear of it with their next link */
  async tellTokens(): Promise<NodeName[]> {
    this.settings.change({tokens: tokensSetting(this.knownTokens())})
    return await this.mesh.untilViewIsTold(tokensToldMs)
  }

  /** Names of nodes that belong to the cluster, in their order. */
  memberNames(): NodeName[] {
    return this.mesh
      .members()
      .filter(member => member.state !== 'removed')
      .map(member => member.name)
  }

  /** From the first thing that is stored on, this cluster is one of its own. */
  settle(): void {
    this.mesh.settle()
    if (this.mesh.members().some(member => member.isLinked)) this.#endStart()
  }

  /** Tells all cores; the node empties from then on, or is filled again. @throws UserError NODE_NOT_FOUND; ClusterError DISK_FULL */
  drain(node: NodeName, isDraining: boolean): void {
    this.#file.checkRoom()
    this.mesh.drain(node, isDraining)
    this.blobs.step(isDraining ? {type: 'node-draining', node} : {type: 'node-undraining', node})
    this.jobs.driver.step({type: 'node-draining', node, isDraining})
    this.#file.checkRoom()
  }

  /** Whether anything is lost with it must be known before: nothing is asked here. @throws UserError NODE_NOT_FOUND; ClusterError DISK_FULL */
  remove(node: NodeName): void {
    this.#file.checkRoom()
    this.mesh.remove(node)
    this.#links.forget(node)
    this.tags.step({type: 'member-removed', node})
    this.blobs.step({type: 'node-removed', node})
    this.jobs.onRemoved(node)
    this.#file.checkRoom()
  }

  /** Of its journal and its small files. */
  get folder(): string {
    return this.#options.folder
  }

  /** A copy of the journal as it is now, in a new file. @throws ClusterError DISK_FULL, STORAGE_BROKEN */
  async copyJournal(path: string): Promise<void> {
    await this.#options.journal.copyTo(path)
  }

  /** Who waits for an answer gets ClusterError UNAVAILABLE. The journal is closed, too. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.tags.stop('the master stops')
    this.blobs.stop('the master stops')
    this.jobs.stop('the master stops')
    await this.mesh.close()
    this.#file.close()
    await this.audit.close()
  }

  #makeTags(): TagDriver {
    const {view} = this.mesh
    return new TagDriver({
      mesh: () => this.mesh,
      epoch: this.epoch,
      settings: tagSettingsOf(settingsOf(view.settings, view.timings)),
      floor: this.#floor(view),
      log: this.#options.openLog('tags'),
      rememberFloor: floor => {
        this.#file.remember({floor})
        this.settings.change({floor})
      },
      onNodeRestored: node => this.#endRebuilding(node),
      onNodeGone: node => this.#log({level: 'info', msg: 'no tag names the removed node any more', node}),
      onSuperseded: epoch => this.#supersede(epoch),
    })
  }

  #makeBlobs(): BlobDriver {
    const {view} = this.mesh
    return new BlobDriver({
      mesh: () => this.mesh,
      epoch: this.epoch,
      members: view.members.filter(member => member.state !== 'removed').map(member => member.name),
      coverage: this.#coverage,
      settings: blobSettingsOf(settingsOf(view.settings, view.timings)),
      seed: randomBytes(4).readUInt32LE(),
      log: this.#options.openLog('blobs'),
      onSuperseded: epoch => this.#supersede(epoch),
    })
  }

  /** Which tags would be left out if only these nodes had been asked? */
  readonly #coverage: Coverage = answered => {
    const coverage = coverageOf(this.tags.state, answered, uncoveredNamedMax)
    const isComplete = !coverage.isHiding && coverage.uncoveredCount === 0
    return {isComplete, uncoveredTags: coverage.uncovered, missingNodes: isComplete ? [] : coverage.unheard}
  }

  /** Nodes have seen a higher epoch: everything that was begun under the old one is begun again. */
  #takeEpoch(above: number): number {
    const epoch = nextEpoch(above)
    this.#file.remember({epoch})
    queueMicrotask(() => {
      if (this.#isClosed) return
      this.tags.stop('the master took a new epoch')
      this.blobs.stop('the master took a new epoch')
      for (const node of this.#links.forgetAll()) this.jobs.driver.nodes.onOffline(node)
      this.tags = this.#makeTags()
      this.blobs = this.#makeBlobs()
      this.#adoptMembers(this.mesh.view)
    })
    return epoch
  }

  #supersede(epoch: number): void {
    if (this.#isClosed) return
    this.#options.onSuperseded(epoch)
  }

  #rememberView(view: ClusterView): void {
    this.#file.note({view})
    // Not before the constructor is through: the mesh publishes its first view at once.
    if (this.tags === undefined) return
    this.#adoptMembers(view)
    if (view.settings !== this.#toldSettings || view.timings !== this.#toldTimings) this.#adoptSettings(view)
  }

  /** Settings change by a person's order, and when a master on an empty folder learns them from the first node. */
  #adoptSettings({settings, timings}: ClusterView): void {
    this.#toldSettings = settings
    this.#toldTimings = timings
    this.#tellSettings()
    // Tokens are those of this master's own file, whatever the nodes remember.
    const tokens = tokensSetting(this.knownTokens())
    if (settings['tokens'] !== tokens) this.settings.change({tokens})
  }

  /** Members that a node or the folder knows of, and that have not been heard yet. */
  #adoptMembers(view: ClusterView): void {
    const known = this.tags.state.members
    const wiped = new Set(this.#wiped.names())
    const seeds = view.members
      .filter(member => !known.has(member.name))
      .map(member => ({
        node: member.name,
        isDraining: member.isDraining,
        isRemoved: member.state === 'removed',
        isWiped: wiped.has(member.name),
      }))
    if (seeds.length > 0) this.tags.step({type: 'members-adopted', members: seeds, floor: this.#floor(view)})
    for (const {name, isDraining, state} of view.members) {
      if (isDraining && state !== 'removed') this.blobs.step({type: 'node-draining', node: name})
    }
  }

  #onMember(member: Member): void {
    const {name, key, state} = member
    if (this.#wiped.noteKey(name, key)) this.jobs?.driver.nodes.noteWiped(name)
    if (this.#links.leaves(name, member.connection)) {
      this.tags.step({type: 'member-lost', node: name})
      this.jobs?.driver.nodes.onOffline(name)
    }
    if (state === 'lost') {
      this.blobs.step({type: 'node-lost', node: name})
      this.jobs?.onLost(name)
    }
    this.#tellPlaceable(name)
  }

  #onNotice(node: NodeName, notice: MeshNotice): void {
    if (this.#isClosed) return
    if (isTaskNotice(notice)) {
      const known = this.#links.numberOf(node)
      if (known !== undefined) this.jobs.onNotice(node, known, notice)
      return
    }
    if (notice.type === 'inventory-begin') this.#join(node, notice.isRebuilding)
    const link = this.#links.numberOf(node)
    if (link === undefined) return
    if (notice.type === 'inventory-tags') this.tags.step({type: 'inventory', node, heads: notice.heads})
    else this.blobs.step({type: 'notice', node, link, notice})
    if (notice.type === 'status') this.#tellPlaceable(node)
    if (notice.type === 'inventory-end') {
      this.tags.step({type: 'inventory-ended', node})
      this.mesh.markJoined(node)
      if (this.#isMajorityUp()) this.#endStart()
    }
  }

  #join(node: NodeName, isRebuilding: boolean): void {
    const member = this.#member(node)
    const link = this.#links.begin(node, member?.connection)
    if (isRebuilding) this.#wiped.add(node)
    const isWiped = this.#wiped.has(node)
    this.tags.step({type: 'member-joined', node, isPlaceable: isPlaceable(member), isWiped})
    this.blobs.step({type: 'node-joined', node, link, isWiped: isWiped && !isRebuilding})
    if (member?.status !== undefined) {
      const notice = {type: 'status', status: member.status} as const
      this.blobs.step({type: 'notice', node, link, notice})
    }
  }

  /** Tells the tag side whether a node may get tags. */
  #tellPlaceable(node: NodeName): void {
    // The mesh speaks before the constructor is through.
    if (this.tags === undefined || !this.tags.state.members.has(node)) return
    const member = this.#member(node)
    if (member === undefined) return
    const {isDraining} = member
    this.tags.step({type: 'member-changed', node, isPlaceable: isPlaceable(member), isDraining})
  }

  #member(node: NodeName): Member | undefined {
    return this.mesh.members().find(member => member.name === node)
  }

  #tellSettings(): void {
    const all = this.settings.numbers()
    this.tags.step({type: 'settings-changed', settings: tagSettingsOf(all)})
    this.blobs.step({type: 'settings-changed', settings: blobSettingsOf(all)})
    // The mesh speaks before the constructor is through.
    this.jobs?.driver.step({type: 'settings-changed', settings: jobSettingsOf(all)})
  }

  #floor(view: ClusterView): number {
    const told = view.settings['floor']
    return typeof told === 'number' ? told : this.#file.memory.floor
  }

  /** It has everything again. If the order is lost, the node says at its next link that it is rebuilding, and all is looked at again. */
  #endRebuilding(node: NodeName): void {
    this.#wiped.delete(node)
    this.mesh.request(node, {type: 'tags-restored', epoch: this.epoch}).then(
      reply => this.#log({level: 'info', msg: 'a node has all its tags again', node, text: reply.type}),
      (error: unknown) =>
        this.#log({level: 'warn', msg: 'a node was not told that it is whole', node, text: messageOf(error)}),
    )
  }

  #isMajorityUp(): boolean {
    const members = this.mesh.members().filter(member => member.state !== 'removed')
    return members.filter(member => member.isLinked).length > members.length / 2
  }

  #endStart(): void {
    if (!this.#isStarting) return
    this.#isStarting = false
    this.mesh.endStart()
  }
}

const isPlaceable = (member: Member | undefined): boolean =>
  member !== undefined && !member.isDraining && member.status?.isFull !== true
