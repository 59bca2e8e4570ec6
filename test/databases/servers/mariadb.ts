import {chownSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createConnection} from 'mysql2/promise'
import {findProgram, freePort, runOnce, ServerProcess, type TestServer, untilAnswering, userFor} from './server.ts'

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
  let server: ServerProcess | undefined
  let databaseCount = 0
  const query = async (...statements: string[]): Promise<void> => {
    const connection = await createConnection({socketPath: socket, user: 'root', connectTimeout: 2000})
    for (const sql of statements) await connection.query(sql)
    await connection.end()
  }
  const start = async (): Promise<void> => {
    for (let attempt = 1; attempt <= 50; attempt++) {
      server = new ServerProcess(mariadbd, args, user, folder)
      if (await untilAnswering(server, () => query('SELECT 1'))) return
      await new Promise(resolve => setTimeout(resolve, 200))
    }
    throw new Error(`MariaDB does not start: ${server?.output}`)
  }
  await start()
  await query(
    `CREATE USER 'inferno'@'127.0.0.1' IDENTIFIED BY '${password}'`,
    "GRANT ALL ON *.* TO 'inferno'@'127.0.0.1'",
  )
  return {
    name: 'mariadb',
    address,
    newDatabase: async () => {
      const name = `test${++databaseCount}`
      await query(`CREATE DATABASE ${name}`)
      return `${address}/${name}`
    },
    kill: async () => server?.signal('SIGKILL'),
    start,
    close: async () => {
      await server?.signal('SIGTERM')
      rmSync(folder, {recursive: true, force: true})
    },
  }
}
