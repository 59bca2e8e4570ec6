// The kernels: compiles AssemblyScript to WebAssembly, kept as base64 text in src/generated.
import {createHash} from 'node:crypto'
import {globSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

const kernels = [
  {
    what: 'the scan kernel',
    sources: 'src/engine/kernel/assembly',
    file: 'src/generated/kernel.ts',
    constant: 'kernelWasm',
    // Where functions go that are made while it runs.
    options: {exportTable: true},
  },
  {
    what: 'the merge kernel',
    sources: 'src/engine/merge-kernel/assembly',
    file: 'src/generated/merge-kernel.ts',
    constant: 'mergeKernelWasm',
  },
]

/** -O3 with another round until nothing changes; no runtime (the kernel manages its memory), no assertions. */
const options = {
  optimizeLevel: 3,
  shrinkLevel: 0,
  converge: true,
  noAssert: true,
  runtime: 'stub',
  use: ['abort='],
  enable: ['simd', 'bulk-memory'],
}

/**
 * Writes the kernels in src/generated, unless they are up to date with their sources and this file.
 *
 * @throws Error with the compiler's messages
 */
export async function ensureKernel(root) {
  for (const kernel of kernels) await ensureOne(root, kernel)
}

async function ensureOne(root, kernel) {
  const file = join(root, kernel.file)
  const stamp = `// Written by the build. Sources: ${inputsHash(root, kernel)}\n`
  if (startOf(file, stamp.length) === stamp) return
  const binary = await compile(root, kernel)
  mkdirSync(dirname(file), {recursive: true})
  // Several test runs may do this at once: each file that is seen is a whole one.
  const scratch = `${file}.${process.pid}`
  const text = Buffer.from(binary).toString('base64')
  writeFileSync(
    scratch,
    `${stamp}/** ${kernel.what} as WebAssembly, base64. */\nexport const ${kernel.constant} =\n  '${text}'\n`,
  )
  renameSync(scratch, file)
}

async function compile(root, {what, sources, options: own = {}}) {
  // Loaded only when there is something to compile: it takes a second.
  const asc = (await import('assemblyscript/asc')).default
  let binary
  const messages = []
  const {error} = await asc.main(['index.ts', '--outFile', 'kernel.wasm', ...flagsOf({...options, ...own})], {
    readFile: name => (isSource(root, sources, name) ? readFileSync(join(root, sources, name), 'utf8') : null),
    writeFile: (name, content) => {
      if (name === 'kernel.wasm') binary = content
    },
    listFiles: () => [],
    stderr: {write: text => messages.push(text)},
  })
  if (error) throw new Error(`Build failed: ${what} does not compile.\n${messages.join('')}`)
  return binary
}

function flagsOf(settings) {
  return Object.entries(settings).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap(one =>
      one === true ? [`--${name}`] : [`--${name}`, String(one)],
    ),
  )
}

function isSource(root, sources, name) {
  return globSync('*.ts', {cwd: join(root, sources)}).includes(name)
}

function inputsHash(root, {sources}) {
  const hash = createHash('sha256')
  const files = globSync('*.ts', {cwd: join(root, sources)}).sort()
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, sources, file)))
  hash.update(readFileSync(import.meta.filename)).update(readFileSync(join(root, 'package-lock.json')))
  return hash.digest('hex')
}

function startOf(file, length) {
  try {
    return readFileSync(file, 'utf8').slice(0, length)
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

if (import.meta.main) await ensureKernel(join(import.meta.dirname, '../..'))
