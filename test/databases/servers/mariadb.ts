import {chownSync, mkdtempSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createConnection} from 'mysql2/promise'
import {findProgram, freePort, openServer, runOnce, type TestServer, userFor} from './server.ts'

const password = 'a b/c@d%e#'

/** @returns undefined when MariaDB is not installed */
export async function startMariadb(): Promise<TestServer | undefined> {
  const install = findProgram('mariadb-install-db', ['/usr/bin'])
  const mariadbd = findProgram('mariadbd', ['/usr/sbin', '/usr/libexec'])
  if (install === undefined || mariadbd === undefined) return undefined
  const user = userFor(['mysql'])
  const folder = mkdtempSync(join(tmpdir(), 'inferno-mariadb-'))
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const socket = join(folder, 'socket')
  const installArgs = [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]
  runOnce(install, installArgs, user, folder)
  const port = await freePort()
  const address = `mysql://inferno:${encodeURIComponent(password)}@127.0.0.1:${port}`
  const args = [
    '--no-defaults',
    `--datadir=${data}`,
    `--socket=${socket}`,
    `--pid-file=${join(folder, 'pid')}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    '--innodb-buffer-pool-size=64M',
    '--max-allowed-packet=4M',
  ]
  const query = async (sql: string): Promise<void> => {
    const connection = await createConnection({socketPath: socket, user: 'root', connectTimeout: 2000})
    await connection.query(sql)
    await connection.end()
  }
  const place = {program: mariadbd, args, user, folder, address}
  const server = await openServer({name: 'MariaDB', ...place, query, endSignal: 'SIGTERM'})
  await query(`CREATE USER 'inferno'@'127.0.0.1' IDENTIFIED BY '${password}'`)
  await query("GRANT ALL ON *.* TO 'inferno'@'127.0.0.1'")
  return {name: 'mariadb', ...server}
}
