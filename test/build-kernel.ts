/** Before the tests: what the build makes and sources import, the compiled kernels and the status page, is there and up to date. */
import {join} from 'node:path'

export async function setup(): Promise<void> {
  const {ensureKernel} = await import('../scripts/build/kernel.mjs' as string)
  await ensureKernel(join(import.meta.dirname, '..'))
  const {ensureWebPage} = await import('../scripts/build/web-page.mjs' as string)
  await ensureWebPage(join(import.meta.dirname, '..'))
}
