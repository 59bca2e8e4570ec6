/** `clickhouse=ADDRESS`: which server runs a rule. */
import {UserError} from '../../base/index.ts'
import {type Environment, resolveTarget, type SinkTarget} from '../../sinks/index.ts'

export interface EngineTarget {
  readonly target: SinkTarget
  /** For people, without secrets. */
  readonly name: string
  /** Reads are spread over this cluster of the server's; undefined: it reads alone. */
  readonly cluster: string | undefined
}

/**
 * @param address - `http(s)://USER:PASSWORD@HOST:PORT/DATABASE?cluster=NAME`, with `clickhouse(s):` for the same, `env:NAME`, `file:PATH`;
 *   `$NAME` inside is filled in
 * @throws UserError BAD_ENGINE
 */
export function engineTarget(address: string, environment: Environment): EngineTarget {
  const shown = /^(?:env|file):/.test(address) ? address : 'clickhouse=…'
  if (!/^(?:(?:clickhouses?|https?):\/\/[^/]|env:\w+$|file:.)/.test(address)) throw badAddress(shown)
  try {
    const found = resolveTarget(asClickhouse(address), environment, 'the engine')
    const {scheme} = found
    const target = scheme === 'http' || scheme === 'https' ? resolveTarget(asClickhouse(found.address), {}) : found
    if (target.scheme !== 'clickhouse' && target.scheme !== 'clickhouses') throw badAddress(shown)
    const cluster = new URL(target.address).searchParams.get('cluster') ?? undefined
    return {target, name: target.name, cluster}
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'BAD_SINK') throw error
    const {message, hint, exitCode} = error
    throw new UserError(
      'BAD_ENGINE',
      message.replace(/^rows cannot go to .*$/s, `${shown} is no address of an engine`),
      {
        cause: error,
        exitCode,
        ...(hint === undefined ? {} : {hint}),
      },
    )
  }
}

const asClickhouse = (address: string): string =>
  address.replace(/^http(s?):/, (_all, secure: string) => `clickhouse${secure}:`)

const badAddress = (shown: string): UserError =>
  new UserError('BAD_ENGINE', `${shown} is no address of an engine`, {
    hint: 'write clickhouse=http://USER:$PASSWORD@HOST:8123/DATABASE, or clickhouse=env:NAME',
    exitCode: 2,
  })
