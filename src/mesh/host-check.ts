/** Against web pages that make a browser talk to a node (DNS rebinding, cross-site WebSockets). */
import {isIP} from 'node:net'

/**
 * Whether a request was meant for this server: its Host is an address, `localhost`, or one of the server's own names. A page
 * of strangers that has its name point to this machine comes with that name.
 *
 * @param names - host names without port
 */
export function isOwnHost(header: string | undefined, names: readonly string[]): boolean {
  const match = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/.exec(header ?? '')
  if (match === null) return false
  const host = match[1]!.toLowerCase()
  if (host === 'localhost') return true
  if (host.startsWith('[')) return isIP(host.slice(1, -1)) === 6
  return isIP(host) === 4 || names.some(name => name.toLowerCase() === host)
}
