// Declaration files of the library, for editors in rule projects.
import {spawnSync} from 'node:child_process'
import {globSync, readFileSync, rmSync} from 'node:fs'
import {dirname, join} from 'node:path'

/**
 * Emits the declarations of src/api.ts and src/local.ts, and those that they name, into `dir`.
 *
 * Does not check types: that is a test of its own (`tsc --noEmit`), and a type error in one corner must not keep the program
 * from being built and tried.
 */
export function emitTypes(root, dir) {
  const compiler = join(root, 'node_modules/.bin/tsc')
  const args = ['-p', 'tsconfig.types.json', '--noCheck', '--outDir', dir]
  const result = spawnSync(compiler, args, {cwd: root, encoding: 'utf8'})
  if (result.status !== 0)
    throw new Error(`tsc could not write the declaration files:\n${result.stdout}${result.stderr}`)
  removeUnnamed(dir)
}

/** The compiler writes a declaration for every file it read, also for those that only code needs. */
function removeUnnamed(dir) {
  const named = new Set()
  const visit = file => {
    if (named.has(file)) return
    named.add(file)
    const text = readFileSync(join(dir, file), 'utf8')
    for (const [, target] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.[jt]sx?['"]/g)) {
      visit(`${join(dirname(file), target)}.d.ts`)
    }
  }
  visit('src/api.d.ts')
  visit('src/local.d.ts')
  for (const file of globSync('**/*.d.ts', {cwd: dir})) if (!named.has(file)) rmSync(join(dir, file))
}
