/**
 * Partials that a node keeps: a scan of an input that cannot change is not made twice. Files named by what they are the partial of;
 * each is a second name of a file that was whole before it got it; what a
 * loss of power makes of that is found out by its checksum.
 */
import {createHash} from 'node:crypto'
import {linkSync, rmSync, utimesSync} from 'node:fs'
import {join} from 'node:path'
import {errorCodeOf} from '../../base/index.ts'
import type {BlobId} from '../../protocol/index.ts'
import {BrokenPartial, openPartial, type Partial} from './read-partial.ts'
import type {RuleInput, RuleStage, RuleWork} from './types.ts'

/** Name of the file that the partial of a work and an input is kept under; undefined: it is not kept. */
export function keptName(
  work: RuleWork,
  {blob, cacheFolder, input}: Extract<RuleStage, {type: 'scan'}>,
): string | undefined {
  if (!work.usesCache || blob === null || cacheFolder === null) return undefined
  return partialName(work, input, blob)
}

/** What the partial of a blob is called, on whichever node it is kept. */
export function partialName(
  {cacheKey, plan}: Pick<RuleWork, 'cacheKey' | 'plan'>,
  input: Pick<RuleInput, 'name' | 'format'>,
  blob: BlobId,
): string {
  const format = input.format ?? plan.format
  // Only a reader of the rule's own is told the name.
  const name = format.format === 'custom' ? input.name : null
  return createHash('sha256')
    .update(JSON.stringify([cacheKey, blob, input.format ?? null, name]))
    .digest('hex')
}

/**
 * Takes a kept partial, under a second name, so that it stays whatever becomes of the first.
 *
 * @returns undefined when there is none that can be used
 */
export function takeKept(folder: string, name: string, path: string): Partial | undefined {
  const kept = join(folder, name)
  try {
    linkSync(kept, path)
  } catch (error) {
    if (errorCodeOf(error) === '') throw error
    return undefined
  }
  try {
    const partial = openPartial(path)
    if (partial.key !== name) throw new BrokenPartial('it is of something else')
    touch(kept)
    return partial
  } catch (error) {
    if (!(error instanceof BrokenPartial)) throw error
    rmSync(kept, {force: true})
    rmSync(path, {force: true})
    return undefined
  }
}

/** Keeps a partial that is whole. One that is there already is as good; where it cannot be kept nothing is lost. */
export function keep(folder: string, name: string, path: string): void {
  try {
    linkSync(path, join(folder, name))
  } catch (error) {
    if (errorCodeOf(error) === '') throw error
  }
}

/** Its last use decides how long it stays. */
function touch(path: string): void {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch (error) {
    // It was just removed.
    if (errorCodeOf(error) === '') throw error
  }
}
