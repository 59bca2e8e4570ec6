// What a build depends on, as one hash: nothing changed means nothing to do.
import {createHash} from 'node:crypto'
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

const code = ['src/**/*.{ts,tsx,json}', 'src/web/page/*.{html,css}', 'commands/**/*.{ts,tsx}']
const tools = ['scripts/build.mjs', 'scripts/build/*.{mjs,js}', 'package.json', 'package-lock.json', 'tsconfig*.json']

/** Hash of everything that reaches the bundle. */
export function bundleInputsHash(root) {
  return hashOf(root, [...code, ...tools])
}

/** Hash of everything that reaches the declaration files of the library. */
export function typesInputsHash(root) {
  return hashOf(root, ['src/**/*.{ts,tsx}', 'scripts/build/types.mjs', 'package-lock.json', 'tsconfig*.json'])
}

function hashOf(root, patterns) {
  const hash = createHash('sha256')
  const files = globSync(patterns, {cwd: root}).filter(file => !file.startsWith('src/generated/'))
  for (const file of files.sort()) {
    const content = readFileSync(join(root, file))
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}
