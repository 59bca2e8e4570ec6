/** A client of ClickHouse. The package is loaded when one is made. */
import type {ClickHouseClient, ClickHouseSettings} from '@clickhouse/client'
import type {SinkTarget} from '../target/index.ts'

export interface ClickhousePlace {
  /** `http://HOST:PORT` */
  readonly url: string
  readonly user: string
  readonly password: string
  readonly database: string
}

/** @param target - of the scheme `clickhouse` or `clickhouses` */
export function clickhousePlace({address, scheme}: Pick<SinkTarget, 'address' | 'scheme'>): ClickhousePlace {
  const url = new URL(address)
  return {
    url: `${scheme === 'clickhouses' ? 'https' : 'http'}://${url.host}`,
    user: decodeURIComponent(url.username) || 'default',
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || 'default',
  }
}

/**
 * @param target - of the scheme `clickhouse` or `clickhouses`
 * @param idleMs - a request ends when nothing comes for so long
 */
export async function connectClickhouse(
  target: SinkTarget,
  settings: ClickHouseSettings,
  idleMs: number,
): Promise<ClickHouseClient> {
  const {createClient, ClickHouseLogLevel} = await import('@clickhouse/client')
  const {url, user, password, database} = clickhousePlace(target)
  return createClient({
    url,
    username: user,
    password,
    database,
    request_timeout: idleMs,
    application: 'disco-inferno',
    // What it would say we say ourselves, without the statements.
    log: {level: ClickHouseLogLevel.OFF},
    clickhouse_settings: settings,
  })
}
