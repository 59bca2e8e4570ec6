/**
 * Disco's job packs, versions 1 and 2, as bytes. All numbers are unsigned and big-endian.
 *
 *     0  d5 c0      magic
 *     2  u16        version
 *     4  u32 x 4    offsets of jobdict (128), jobenvs, jobhome, jobdata
 *     20            zeros up to 128
 *     128           jobdict (JSON object), jobenvs (JSON object of texts), jobhome (ZIP, may be empty), jobdata (to the end)
 *
 * Error texts are Disco's: clients show them.
 */
import {UserError} from '../../base/index.ts'

export type PackVersion = 1 | 2

export interface DiscoPack {
  readonly version: PackVersion
  readonly jobDict: Readonly<Record<string, unknown>>
  /** Variables of the worker's environment. */
  readonly jobEnvs: Readonly<Record<string, string>>
  /** A ZIP archive; may be empty. */
  readonly jobHome: Buffer
  /** For the worker alone. */
  readonly jobData: Buffer
}

const magic = 0xd5c0
const headerBytes = 128
const offsetsAt = [4, 8, 12, 16] as const

/** Do these bytes begin as one of Disco's packs? Four are enough. */
export const isDiscoPack = (bytes: Uint8Array): boolean => bytes[0] === magic >>> 8 && bytes[1] === (magic & 0xff)

/** @throws UserError JOB_FILE_BROKEN: `invalid header`, `unsupported version 'N'`, `invalid payload: …` */
export function decodeDiscoPack(bytes: Buffer): DiscoPack {
  if (bytes.length < headerBytes || !isDiscoPack(bytes)) throw broken('invalid header')
  const version = bytes.readUInt16BE(2)
  if (version !== 1 && version !== 2) throw broken(`unsupported version '${version}'`)
  const [dictAt, envsAt, homeAt, dataAt] = offsetsAt.map(at => bytes.readUInt32BE(at)) as [
    number,
    number,
    number,
    number,
  ]
  const areInOrder = dictAt === headerBytes && envsAt > dictAt && homeAt >= envsAt && dataAt >= homeAt
  if (!areInOrder || bytes.length < dataAt) throw broken('invalid header')
  return {
    version,
    jobDict: objectOf(bytes.subarray(dictAt, envsAt), 'jobdict'),
    jobEnvs: textsOf(bytes.subarray(envsAt, homeAt)),
    jobHome: bytes.subarray(homeAt, dataAt),
    jobData: bytes.subarray(dataAt),
  }
}

/** Whether `jobEnvs` could be an environment is checked by decodeDiscoPack only. @throws RangeError past 4 GiB: offsets are 32 bits */
export function encodeDiscoPack({version, jobDict, jobEnvs, jobHome, jobData}: DiscoPack): Buffer {
  const dict = Buffer.from(JSON.stringify(jobDict))
  const envs = Buffer.from(JSON.stringify(jobEnvs))
  const header = Buffer.alloc(headerBytes)
  header.writeUInt16BE(magic, 0)
  header.writeUInt16BE(version, 2)
  let at = headerBytes
  for (const [index, part] of [dict, envs, jobHome, jobData].entries()) {
    header.writeUInt32BE(at, offsetsAt[index]!)
    at += part.length
  }
  return Buffer.concat([header, dict, envs, jobHome, jobData])
}

function objectOf(bytes: Buffer, what: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(bytes.toString())
  } catch (error) {
    throw broken(`invalid payload: ${what} is no JSON`, error)
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>
  throw broken(`invalid payload: ${what} is no JSON object`)
}

const variableName = /^[A-Za-z_][A-Za-z0-9_.]*$/

function textsOf(bytes: Buffer): Record<string, string> {
  // A pack may have no variables at all.
  const envs = bytes.length === 0 ? {} : objectOf(bytes, 'jobenvs')
  for (const [name, value] of Object.entries(envs)) {
    if (typeof value !== 'string' || value.includes('\0') || !variableName.test(name))
      throw broken('invalid payload: jobenvs holds what cannot be a variable of an environment')
  }
  return envs as Record<string, string>
}

/** A pack that Disco would refuse, in its words. */
export const broken = (text: string, cause?: unknown): UserError =>
  new UserError('JOB_FILE_BROKEN', text, cause === undefined ? {} : {cause})
