/**
 * Slows down those who try tokens. Only computes: time comes with each question.
 *
 * An address may show so many wrong tokens, and one more every few seconds. Past that it is refused before anything is
 * compared, right or wrong. Whoever was let in before is not concerned: a token that was good is looked at in any case, so
 * that one misled program does not shut out all others on its machine. What is remembered of it is its hash.
 */
import {isIPv6} from 'node:net'
import {hashToken} from '../../protocol/index.ts'
import {attemptAddressMax, attemptBurst, attemptEveryMs, goodTokenMax} from './limits.ts'

interface Account {
  /** Wrong tokens that it may still show, not counting what time gives back. */
  left: number
  countedAtMs: number
}

/** Bounded: of many addresses those are forgotten that were silent longest. */
export class AttemptLimit {
  readonly #accounts = new Map<string, Account>()
  readonly #good = new Set<string>()

  /** May this address show that token now? @param nowMs - of any clock that does not go back */
  mayTry(address: string, token: string, nowMs: number): boolean {
    const account = this.#accounts.get(networkOf(address))
    if (account === undefined || leftOf(account, nowMs) >= 1) return true
    return this.#good.has(hashToken(token))
  }

  /** @returns whether the address has just spent its last one */
  noteWrong(address: string, token: string, nowMs: number): boolean {
    this.#good.delete(hashToken(token))
    const key = networkOf(address)
    const known = this.#accounts.get(key)
    const left = (known === undefined ? attemptBurst : leftOf(known, nowMs)) - 1
    // Moved to the end: the address that was silent longest is forgotten first.
    this.#accounts.delete(key)
    this.#accounts.set(key, {left: Math.max(0, left), countedAtMs: nowMs})
    if (this.#accounts.size > attemptAddressMax) forgetOldest(this.#accounts)
    return left < 1
  }

  /** From here on it is looked at even when its address is out of attempts, until it was wrong once. */
  noteGood(token: string): void {
    this.#good.add(hashToken(token))
    if (this.#good.size > goodTokenMax) forgetOldest(this.#good)
  }
}

const leftOf = ({left, countedAtMs}: Account, nowMs: number): number =>
  Math.min(attemptBurst, left + (nowMs - countedAtMs) / attemptEveryMs)

function forgetOldest(kept: Map<string, unknown> | Set<string>): void {
  const [oldest] = kept.keys()
  if (oldest !== undefined) kept.delete(oldest)
}

/** Whoever has one IPv6 address has, as a rule, its whole /64. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({length: Math.max(0, 8 - first.length - last.length)}, () => '0')
  return [...first, ...zeros, ...last].slice(0, 4).join(':')
}
