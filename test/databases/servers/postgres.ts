import {chownSync, mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import pg from 'pg'
import {findProgram, freePort, openServer, runOnce, type TestServer, userFor, versionFolders} from './server.ts'

const password = 'a b/c@d%e#'

/** @returns undefined when PostgreSQL is not installed */
export async function startPostgres(): Promise<TestServer | undefined> {
  const folders = versionFolders('/usr/lib/postgresql', 'bin')
  const initdb = findProgram('initdb', folders)
  const postgres = findProgram('postgres', folders)
  if (initdb === undefined || postgres === undefined) return undefined
  const user = userFor(['postgres'])
  const folder = mkdtempSync(join(tmpdir(), 'inferno-postgres-'))
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, {mode: 0o600})
  if (user !== undefined) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid)
  const data = join(folder, 'data')
  const initArgs = [
    '-D',
    data,
    '-U',
    'inferno',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--no-locale',
  ]
  runOnce(initdb, initArgs, user, folder)
  const port = await freePort()
  const address = `postgres://inferno:${encodeURIComponent(password)}@127.0.0.1:${port}`
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${folder}`,
    'max_connections=40',
    // Kills lose nothing that was written, only power cuts do: without it a restart is quick on a busy disk.
    'fsync=off',
  ]
  const args = ['-D', data, ...settings.flatMap(setting => ['-c', setting])]
  const query = async (sql: string): Promise<void> => {
    const client = new pg.Client({connectionString: `${address}/postgres`, connectionTimeoutMillis: 2000})
    client.on('error', () => undefined)
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  const place = {program: postgres, args, user, folder, address}
  return {name: 'postgres', ...(await openServer({name: 'PostgreSQL', ...place, query, endSignal: 'SIGQUIT'}))}
}
