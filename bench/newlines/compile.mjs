/** Compiles count.ts once, with the compiler that the project has for its own kernel. */
import {existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

const source = join(import.meta.dirname, 'count.ts')
export const modulePath = join(import.meta.dirname, '../data/newlines.wasm')

/** @throws Error with the compiler's messages */
export async function ensureNewlines() {
  if (existsSync(modulePath) && statSync(modulePath).mtimeMs > statSync(source).mtimeMs) return
  const asc = (await import('assemblyscript/asc')).default
  mkdirSync(join(modulePath, '..'), {recursive: true})
  const messages = []
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--use', 'abort=', '--importMemory']
  const {error} = await asc.main(['count.ts', '--outFile', 'count.wasm', ...flags], {
    readFile: name => (name === 'count.ts' ? readFileSync(source, 'utf8') : null),
    writeFile: (_, content) => {
      writeFileSync(`${modulePath}.part`, content)
      renameSync(`${modulePath}.part`, modulePath)
    },
    listFiles: () => [],
    stderr: {write: text => messages.push(text)},
  })
  if (error) throw new Error(messages.join(''))
}
