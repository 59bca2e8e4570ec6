/** A rule's scan in this process over blobs of the cluster: they are fetched into a temporary folder first (`forceLocal`). */
import {randomUUID} from 'node:crypto'
import {createWriteStream} from 'node:fs'
import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {ClusterError, InvariantError, messageOf, UserError} from '../../base/index.ts'
import {type ClusterClient, readEntry} from '../../client/index.ts'
import {planHash} from '../../rules/index.ts'
import {findInputs, type InputFile, LocalRun, makeRunFolder, removeRunFolder} from '../../worker/index.ts'
import type {ClusterInput, ClusterScanRequest} from './cluster-scan.ts'
import type {RuleScan} from './rule-scan.ts'

const blobScheme = 'blob://'

/** @param threads - that scan here */
export async function scanHere(request: ClusterScanRequest, threads: number): Promise<RuleScan> {
  const {plan, inputs, cluster, signal} = request
  const folder = makeRunFolder()
  try {
    const files: InputFile[] = []
    const missing: number[] = []
    for (const [number, input] of inputs.entries()) {
      const file = await fetched(cluster, input, join(folder, String(number)), signal).catch((error: unknown) => {
        if (!request.allowsMissing || !isUnavailable(error)) throw error
        return undefined
      })
      if (file === undefined) missing.push(number)
      else files.push(file)
    }
    const run = await LocalRun.start({...request, files, threads})
    return {
      job: `${plan.rule}@${planHash(plan).slice(0, 8)}-${randomUUID().slice(0, 8)}`,
      cached: [],
      missing,
      skipped: [],
      unusedFiles: run.unusedFiles,
      threads: run.scannerCount,
      spilledBytes: run.spilledBytes,
      rows: () => run.rows(),
      textRows: templateOf => run.textRows(templateOf),
      account: () => run.account(),
      badLines: () => run.badLines(),
      close: async () => {
        run.close()
        removeRunFolder(folder)
      },
    }
  } catch (error) {
    removeRunFolder(folder)
    throw error
  }
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof ClusterError || (error instanceof UserError && error.code === 'BLOB_NOT_FOUND')

async function fetched(
  client: ClusterClient,
  {name, addresses, format}: ClusterInput,
  path: string,
  signal: AbortSignal,
): Promise<InputFile> {
  const asWanted = format === undefined ? {} : {format}
  const [first = ''] = addresses
  const isRemote = /^(?:blob|https?):\/\//.test(first)
  if (!isRemote) {
    const [file] = findInputs([first]).files
    if (file === undefined) throw new InvariantError(`the input ${first} was found before`)
    return {...file, ...asWanted}
  }
  const entry = first.startsWith(blobScheme)
    ? ({type: 'blob', blob: first.slice(blobScheme.length), name, bytes: 0} as const)
    : ({type: 'url', urls: addresses} as const)
  try {
    await pipeline(readEntry(client, entry, 'text', {signal}), createWriteStream(path, {mode: 0o600}))
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof UserError || error instanceof ClusterError) throw error
    throw new UserError('SPILL_FAILED', `cannot fetch ${name} to ${path}: ${messageOf(error)}`, {cause: error})
  }
  return {name, path, bytes: (await stat(path)).size, compression: 'none', ...asWanted}
}
