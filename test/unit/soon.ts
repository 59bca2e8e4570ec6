import {vi} from 'vitest'

/** Waits until a check passes. How long that takes is not what is tested: on a busy machine it may be seconds. */
export const soon = (check: () => unknown): Promise<unknown> => vi.waitFor(check, {timeout: 5000})
