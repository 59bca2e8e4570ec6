/** What the build recorded about the commands: their texts, flags and arguments, without their code. */
import generated from '../generated/manifest.json' with {type: 'json'}

export interface ManifestFlag {
  readonly name: string
  readonly type: 'boolean' | 'option'
  readonly char?: string
  readonly description?: string
  readonly summary?: string
  readonly hidden?: boolean
  readonly allowNo?: boolean
  readonly multiple?: boolean
  readonly options?: readonly string[]
  readonly default?: string | number
  /** The variable of the environment that sets it. */
  readonly env?: string
  readonly exclusive?: readonly string[]
}

export interface ManifestArgument {
  readonly name: string
  readonly description?: string
  readonly options?: readonly string[]
}

export interface ManifestCommand {
  /** `inferno:run` */
  readonly id: string
  readonly description?: string
  readonly summary?: string
  readonly hidden?: boolean
  readonly examples?: readonly unknown[]
  readonly flags: Readonly<Record<string, ManifestFlag>>
  readonly args: Readonly<Record<string, ManifestArgument>>
}

export interface Manifest {
  readonly commands: Readonly<Record<string, ManifestCommand>>
}

export const manifest: Manifest = generated as unknown as Manifest

/** `inferno:run` as it is typed: `inferno run`. */
export const typed = (id: string): string => id.replaceAll(':', ' ')
