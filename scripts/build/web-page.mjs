// The status page: bundles its script for browsers and puts it, its style and its frame into one text in src/generated.
import {createHash} from 'node:crypto'
import {globSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

const file = 'src/generated/web-page.ts'
/** Everything that can be in the script. */
const sources = ['src/{web,ui,base,protocol,pipeline}/**/*.ts', 'src/web/page/page.{html,css}']

/**
 * Writes the page in src/generated, unless it is up to date with its sources and this file.
 *
 * @throws Error with the bundler's messages, or when something in it is not for browsers
 */
export async function ensureWebPage(root) {
  const stamp = `// Written by the build. Sources: ${inputsHash(root)}\n`
  const target = join(root, file)
  if (startOf(target, stamp.length) === stamp) return
  const page = await makePage(root)
  mkdirSync(dirname(target), {recursive: true})
  // Several test runs may do this at once: each file that is seen is a whole one.
  const scratch = `${target}.${process.pid}`
  const fields = Object.entries(page).map(([name, text]) => `  ${name}:\n    ${JSON.stringify(text)},\n`)
  writeFileSync(
    scratch,
    `${stamp}/** The status page, and what its content policy lets in. */\nexport const page = {\n${fields.join('')}}\n`,
  )
  renameSync(scratch, target)
}

async function makePage(root) {
  const script = await bundleScript(root)
  const style = readFileSync(join(root, 'src/web/page/page.css'), 'utf8')
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s*\n\s*/g, '\n')
    .trim()
  const frame = readFileSync(join(root, 'src/web/page/page.html'), 'utf8')
  // In HTML the element would end there, and in JavaScript a comment could begin.
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style))
    throw new Error('Build failed: the page holds an end of itself')
  const html = frame.replace('SCRIPT', () => script).replace('STYLE', () => style)
  return {html, scriptHash: hashOf(script), styleHash: hashOf(style)}
}

async function bundleScript(root) {
  // Loaded only when there is something to bundle.
  const {rolldown} = await import('rolldown')
  const bundle = await rolldown({
    cwd: root,
    input: 'src/web/page/main.ts',
    platform: 'browser',
    logLevel: 'warn',
    // Node's modules are named by files of which the page uses other parts.
    external: /^node:/,
    treeshake: {
      moduleSideEffects: [
        {test: /\/src\/web\/page\/main\.ts$/, sideEffects: true},
        {test: /./, sideEffects: false},
      ],
    },
  })
  const {output} = await bundle.generate({
    format: 'esm',
    codeSplitting: false,
    minify: {compress: true, mangle: true, codegen: {removeWhitespace: true}},
    comments: {legal: false, annotation: false, jsdoc: false},
  })
  await bundle.close()
  const [{code, imports}] = output
  if (output.length !== 1 || imports.length > 0) {
    throw new Error(`Build failed: the page needs what browsers do not have: ${imports.join(', ')}`)
  }
  return code.trim()
}

/** As a content policy names it. */
const hashOf = text => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

function inputsHash(root) {
  const hash = createHash('sha256')
  for (const name of globSync(sources, {cwd: root}).sort())
    hash.update(`${name}\0`).update(readFileSync(join(root, name)))
  hash.update(readFileSync(import.meta.filename)).update(readFileSync(join(root, 'package-lock.json')))
  return hash.digest('hex')
}

function startOf(path, length) {
  try {
    return readFileSync(path, 'utf8').slice(0, length)
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

if (import.meta.main) await ensureWebPage(join(import.meta.dirname, '../..'))
