/** Seeded random numbers (mulberry32): same seed, same sequence, on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** An integer in 0..bound-1. */
  int(bound: number): number
  /** One of the items. */
  pick<T>(items: readonly T[]): T
}

/** For cores, which draw no unseeded numbers. Not for secrets. @param seed - its low 32 bits count */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return {
    next,
    int: bound => Math.floor(next() * bound),
    pick: items => items[Math.floor(next() * items.length)]!,
  }
}
