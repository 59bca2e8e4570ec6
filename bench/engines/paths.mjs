/** Where things are, and how programs tell their version. */
import {spawnSync} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

export const bench = join(import.meta.dirname, '..')
export const root = join(bench, '..')
/** The Node that the project brings. */
export const node = join(root, 'node_modules/.bin/node')
/** Scanning threads of every engine that has several. */
export const threads = 2

/** @returns first line of the output, undefined if the command is not there */
export function firstLine(command, args) {
  const result = spawnSync(command, args, {encoding: 'utf8'})
  return result.status === 0 ? (result.stdout.split('\n')[0] ?? '').trim() : undefined
}

/** @returns version of a package in bench/node_modules, undefined if it is not there */
export function packageVersion(name) {
  const path = join(bench, 'node_modules', name, 'package.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).version : undefined
}

/** `sh` with a program that sees `args` as "$@". */
export function shell(program, args) {
  return ['sh', '-c', program, 'sh', ...args]
}
