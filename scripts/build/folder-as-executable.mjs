// Loaded before the parts of the one executable when they lie in a folder yet (PARTS): Node behaves as if they were in it, and the
// compiled code of the core is written beside them (CODE: its name) when the program ends.
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import sea from 'node:sea'
import vm from 'node:vm'
import {isMainThread} from 'node:worker_threads'

const {PARTS, CODE} = process.env

sea.isSea = () => true
sea.getRawAsset = name => {
  const {buffer, byteOffset, length} = readFileSync(join(PARTS, name))
  return buffer.slice(byteOffset, byteOffset + length)
}

const {Script} = vm
vm.Script = class extends Script {
  constructor(source, options) {
    super(source, options)
    const isCore = /\/core-[0-9a-f]+\.cjs$/.test(options?.filename ?? '')
    if (isMainThread && isCore) process.once('exit', () => writeFileSync(join(PARTS, CODE), this.createCachedData()))
  }
}
