/** The file of --bad-out. */
import {accessSync, closeSync, constants, openSync, renameSync, rmSync, statSync, writeSync} from 'node:fs'
import {dirname} from 'node:path'
import {messageOf, printable, UserError} from '../base/index.ts'
import type {BadLine} from '../worker/index.ts'

/** Found out before an hour of scanning rather than after it. @throws UserError OUTPUT_FAILED */
export function checkFolderOf(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK)
  } catch (error) {
    throw new UserError('OUTPUT_FAILED', `cannot write bad records to ${printable(path)}: ${messageOf(error)}`, {
      cause: error,
      hint: 'name a file in a folder that exists and that you may write to',
    })
  }
}

/** All bad records, or none and an error. They may be many: written as they are read, under another name until complete. @throws UserError OUTPUT_FAILED */
export function writeBadLines(path: string, lines: Iterable<BadLine>): void {
  const isOrdinary = statSync(path, {throwIfNoEntry: false})?.isFile() ?? true
  const target = isOrdinary ? `${path}.part` : path
  try {
    const file = openSync(target, 'w')
    try {
      for (const line of lines) writeSync(file, `${JSON.stringify(line)}\n`)
    } finally {
      closeSync(file)
    }
    if (isOrdinary) renameSync(target, path)
  } catch (error) {
    if (isOrdinary) rmSync(target, {force: true})
    throw new UserError('OUTPUT_FAILED', `cannot write bad records to ${printable(path)}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
