import {threadPart} from '../product/index.ts'

/** Where the code of a scanning thread is. */
export const threadEntry = (): URL => threadPart('scan-thread', import.meta.url)
