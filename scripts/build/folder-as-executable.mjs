// Loaded before the parts of the one executable when they lie in a folder yet (PARTS): Node behaves as if they were in it, and the
// compiled code of the core, and of the script after it, is written beside them when the program ends (USE: for which use).
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import sea from 'node:sea'
import vm from 'node:vm'
import {isMainThread} from 'node:worker_threads'

const {PARTS, USE} = process.env

sea.isSea = () => true
sea.getRawAsset = name => {
  const {buffer, byteOffset, length} = readFileSync(join(PARTS, name))
  return buffer.slice(byteOffset, byteOffset + length)
}

const {Script} = vm
vm.Script = class extends Script {
  constructor(source, options) {
    super(source, options)
    const name = /\/(core|over-tags)-[0-9a-f]+\.cjs$/.exec(options?.filename ?? '')?.[1]
    if (!isMainThread || name === undefined) return
    const file = join(PARTS, name === 'core' ? `${USE}.code` : `${USE}-after.code`)
    process.once('exit', () => writeFileSync(file, this.createCachedData()))
  }
}
