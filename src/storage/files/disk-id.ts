import {createHash} from 'node:crypto'
import {readFile, stat} from 'node:fs/promises'
import {hostname} from 'node:os'
import {errorCodeOf} from '../../base/index.ts'

/**
 * Names the disk of a path: equal for two processes of one machine, in containers too, that write to the same file system;
 * different on different machines. Says nothing else of the machine. It may change when the machine is started again.
 *
 * @throws as `stat`
 */
export async function diskIdOf(path: string): Promise<string> {
  const [host, {dev}] = await Promise.all([hostId(), stat(path, {bigint: true})])
  return createHash('sha256').update(`${host}\n${dev}`).digest('hex').slice(0, 16)
}

/** Of the running kernel: images of machines and containers share `/etc/machine-id` and names, but no start. */
async function hostId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  } catch (error) {
    if (!isNoLinux(errorCodeOf(error))) throw error
    return hostname()
  }
}

const isNoLinux = (code: string | undefined): boolean => code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES'
