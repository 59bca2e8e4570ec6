/** Row implementations of urlHost and truncateIp. Neither throws, and what is no URL or address gives null. */

/** DNS allows no longer names; anything longer is rubbish. */
const hostCharsMax = 253
/** Octets and groups of an address, and the groups that make up the first 48 bits. */
const octetCount = 4
const groupCount = 8
const keptGroups = 3
/** The longest address text, `ffff:` six times and an IPv4 address, with a zone name. */
const addressCharsMax = 100

/**
 * The host of a URL: lower case, without user, port and final dot. `HTTPS://me@Example.COM:8080/x` gives `example.com`; so do
 * `//example.com/x` and, without a scheme, `example.com/x` and `example.com:80` (then the host needs a dot or be `localhost`).
 * IPv6 hosts keep their brackets. Letters beyond ASCII stay as they are (no punycode).
 *
 * Written by hand because `new URL` costs ten times as much and throws.
 */
export function hostOfUrl(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value.trim()
  const slashes = text.indexOf('//')
  const hasScheme = slashes === 0 || (slashes > 0 && isScheme(text, slashes))
  const authority = authorityOf(text, hasScheme ? slashes + 2 : 0)
  const at = authority.lastIndexOf('@')
  // Without a scheme, what has an @ is a mail address.
  if (at !== -1 && !hasScheme) return null
  const host = withoutPort(authority.slice(at + 1))
  if (host === null) return null
  const name = (host.endsWith('.') ? host.slice(0, -1) : host).toLowerCase()
  if (!hasScheme && !name.includes('.') && name !== 'localhost' && !name.startsWith('[')) return null
  return isHost(name) ? name : null
}

/** `http:` and the like, up to the slashes. */
function isScheme(text: string, end: number): boolean {
  return end <= 32 && /^[A-Za-z][A-Za-z0-9+.-]*:$/.test(text.slice(0, end))
}

function authorityOf(text: string, start: number): string {
  let end = start
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === 0x2f || code === 0x3f || code === 0x23 || code === 0x5c) break // / ? # and backslash, which browsers read as /
  }
  return text.slice(start, end)
}

/** Null when what follows the colon is no port. */
function withoutPort(hostAndPort: string): string | null {
  const colon = hostAndPort.indexOf(':', hostAndPort.startsWith('[') ? hostAndPort.indexOf(']') : 0)
  if (colon === -1) return hostAndPort
  return /^\d{0,5}$/.test(hostAndPort.slice(colon + 1)) ? hostAndPort.slice(0, colon) : null
}

function isHost(name: string): boolean {
  if (name === '' || name.length > hostCharsMax) return false
  if (name.startsWith('[')) return name.endsWith(']') && groupsOf(name.slice(1, -1)) !== null
  return /^[a-z0-9_\u00a1-\uffff-]+(?:\.[a-z0-9_\u00a1-\uffff-]+)*$/.test(name) && !/\s/.test(name)
}

/**
 * An address with the part that names a machine cut off: IPv4 with a last octet of 0, IPv6 with its first 48 bits and `::`, in the
 * short lower-case spelling. IPv4 inside IPv6 (`::ffff:192.0.2.7`) is treated as IPv4; a zone (`%eth0`) is dropped.
 */
export function networkOfIp(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > addressCharsMax) return null
  const text = value.trim()
  const octets = octetsOf(text)
  if (octets !== null) return ipv4Network(octets)
  const percent = text.indexOf('%')
  const groups = groupsOf(percent === -1 ? text : text.slice(0, percent))
  if (groups === null) return null
  if (groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff) {
    return ipv4Network([groups[6]! >> 8, groups[6]! & 0xff, groups[7]! >> 8, 0])
  }
  let kept = keptGroups
  while (kept > 0 && groups[kept - 1] === 0) kept--
  return `${groups
    .slice(0, kept)
    .map(group => group.toString(16))
    .join(':')}::`
}

function ipv4Network(octets: readonly number[]): string {
  return `${octets[0]}.${octets[1]}.${octets[2]}.0`
}

/** The octets of a dotted IPv4 address. Leading zeros are refused: some programs read them as octal. */
function octetsOf(text: string): number[] | null {
  const octets: number[] = []
  for (const part of text.split('.')) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null
    octets.push(Number(part))
  }
  return octets.length === octetCount ? octets : null
}

/** The eight groups of an IPv6 address. */
function groupsOf(text: string): number[] | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = halfGroupsOf(halves[0]!)
  const tail = halves.length === 2 ? halfGroupsOf(halves[1]!) : []
  if (head === null || tail === null) return null
  const missing = groupCount - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  return [...head, ...new Array<number>(missing).fill(0), ...tail]
}

/** Groups on one side of `::`; the last may be a dotted IPv4 address, which fills two. */
function halfGroupsOf(text: string): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const octets = index === parts.length - 1 && part.includes('.') ? octetsOf(part) : null
    if (octets !== null) groups.push(octets[0]! * 256 + octets[1]!, octets[2]! * 256 + octets[3]!)
    else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return null
  }
  return groups
}
