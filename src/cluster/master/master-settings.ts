/** Settings of a cluster as its master reads and changes them. They are kept in the list of members, so every node has them. */
import type {MasterMesh} from '../../mesh/index.ts'
import type {Scope} from '../../protocol/index.ts'
import {allowsCode, type CodePolicy, checkCodeJob} from '../security/index.ts'
import {codePolicies, parseSetting, type SettingName, settingOf, settingsOf, settingText, timingOf} from './settings.ts'

export interface MasterSettingsPorts {
  readonly mesh: () => MasterMesh
  /** Nobody but this machine reaches the master. */
  readonly isPrivate: boolean
  /** @throws ClusterError DISK_FULL: what a person asks for is refused when it cannot be kept */
  readonly checkRoom: () => void
}

/** Nothing is kept here: the list of members may come from a node. */
export class MasterSettings {
  readonly #ports: MasterSettingsPorts

  constructor(ports: MasterSettingsPorts) {
    this.#ports = ports
  }

  /** All settings as people read them. */
  texts(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.numbers()).map(([name, value]) => [name, settingText(name as SettingName, value)]),
    )
  }

  /** The same as numbers: milliseconds, bytes, 1 for a switch that is on, the place among the options of a choice. */
  numbers(): Record<SettingName, number> {
    const {settings, timings} = this.#ports.mesh().view
    return settingsOf(settings, timings)
  }

  /** @throws UserError BAD_SETTING; ClusterError DISK_FULL */
  set(name: string, value: unknown): void {
    const setting = settingOf(name)
    const number = parseSetting(setting, value)
    this.#ports.checkRoom()
    const timing = timingOf(setting)
    if (timing === undefined) this.change({[setting]: number})
    else this.#ports.mesh().configure({timings: {[timing]: number}})
    // The disk may have filled up since: nobody is told that it is done before it is kept.
    this.#ports.checkRoom()
  }

  /** For what the master itself keeps there: facts that must outlive its folder. */
  change(change: Readonly<Record<string, string | number>>): void {
    const mesh = this.#ports.mesh()
    mesh.configure({settings: {...mesh.view.settings, ...change}})
  }

  /** @throws UserError FORBIDDEN when this caller's jobs may not bring code */
  checkCode(scopes: readonly Scope[]): void {
    checkCodeJob(scopes, this.#codePolicy, this.#ports.isPrivate)
  }

  /** Whether jobs with code are taken at all, from whoever has the token for it. */
  get allowsCode(): boolean {
    return allowsCode(this.#codePolicy, this.#ports.isPrivate)
  }

  /** Whether people on this machine may look at the state of things without a token. */
  get isStatusOpen(): boolean {
    return this.numbers().openStatus === 1
  }

  get #codePolicy(): CodePolicy {
    return codePolicies[this.numbers().allowCode] ?? 'off'
  }
}
