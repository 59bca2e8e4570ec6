/** A client of ClickHouse. The package is loaded when one is made. */
import type {ClickHouseClient, ClickHouseSettings} from '@clickhouse/client'
import type {SinkTarget} from '../target/index.ts'

/**
 * @param target - of the scheme `clickhouse` or `clickhouses`
 * @param idleMs - a request ends when nothing comes for so long
 */
export async function connectClickhouse(
  {address, scheme}: SinkTarget,
  settings: ClickHouseSettings,
  idleMs: number,
): Promise<ClickHouseClient> {
  const {createClient, ClickHouseLogLevel} = await import('@clickhouse/client')
  const url = new URL(address)
  return createClient({
    url: `${scheme === 'clickhouses' ? 'https' : 'http'}://${url.host}`,
    username: decodeURIComponent(url.username) || 'default',
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || 'default',
    request_timeout: idleMs,
    application: 'disco-inferno',
    // What it would say we say ourselves, without the statements.
    log: {level: ClickHouseLogLevel.OFF},
    clickhouse_settings: settings,
  })
}
