/** How much memory this process held at most. */
import {readFileSync} from 'node:fs'

/**
 * Bytes of resident memory at their highest.
 *
 * On Linux from /proc: the system call's figure begins with that of the process that started this one.
 */
export function peakMemoryBytes(): number {
  if (process.platform === 'linux') {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    if (kilobytes !== undefined) return Number(kilobytes) * 1024
  }
  return process.resourceUsage().maxRSS * 1024
}
