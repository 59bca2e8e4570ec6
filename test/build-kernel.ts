/** Before the tests: the compiled scan kernel, which the engine imports, is there and up to date. */
import {join} from 'node:path'

export async function setup(): Promise<void> {
  const {ensureKernel} = await import('../scripts/build/kernel.mjs' as string)
  await ensureKernel(join(import.meta.dirname, '..'))
}
