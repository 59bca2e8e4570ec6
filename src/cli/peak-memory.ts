/** How much memory this process held at most. */
import {existsSync, readFileSync} from 'node:fs'

/** On Linux, unless a container hides it. */
const statusFile = '/proc/self/status'

/**
 * Bytes of resident memory at their highest.
 *
 * From /proc where it is: the system call's figure begins with that of the process that started this one.
 */
export function peakMemoryBytes(): number {
  if (existsSync(statusFile)) {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(statusFile, 'utf8'))?.[1]
    if (kilobytes !== undefined) return Number(kilobytes) * 1024
  }
  return process.resourceUsage().maxRSS * 1024
}
