/** Brings the sections that a task reads to where they can be read synchronously: a local file, memory, or the task's folder. */
import {mkdir, open} from 'node:fs/promises'
import {fetchMemoryBytes, fetchParallelCount} from '../limits.ts'
import {readSections, type SectionSource} from '../shuffle/index.ts'
import type {TaskInput, TaskPorts} from '../task/types.ts'
import {inputBytes} from './open-input.ts'

/** Names of copies begin so. */
export const fetchedPrefix = 'fetched-'

/** A section and the input that it belongs to. */
export interface FetchedSection {
  readonly input: TaskInput
  readonly source: SectionSource
}

/**
 * @param inputs - sections, or whole files of the shuffle, whose sections are taken in their order
 * @returns in the order of the inputs
 * @throws InputLostError naming the input
 */
export async function fetchSections(
  inputs: readonly TaskInput[],
  ports: TaskPorts,
  folder: string,
): Promise<FetchedSection[]> {
  const found: FetchedSection[][] = inputs.map(() => [])
  let memoryBytes = fetchMemoryBytes
  let next = 0
  const take = async (): Promise<void> => {
    for (let index = next++; index < inputs.length; index = next++) {
      const input = inputs[index]!
      const isSmall = input.section !== undefined && input.section.bytes <= memoryBytes
      if (isSmall) memoryBytes -= input.section.bytes
      found[index] = (await fetchOne(input, index, ports, folder, isSmall)).map(source => ({input, source}))
    }
  }
  await Promise.all(Array.from({length: Math.min(fetchParallelCount, inputs.length)}, take))
  return found.flat()
}

async function fetchOne(
  input: TaskInput,
  index: number,
  ports: TaskPorts,
  folder: string,
  isSmall: boolean,
): Promise<SectionSource[]> {
  const name = input.replicas[0] ?? `input ${input.number}`
  const local = input.replicas.map(replica => ports.localPath(replica)).find(path => path !== undefined)
  if (local !== undefined) return sourcesIn(local, name, input)
  if (isSmall) {
    const bytes = Buffer.concat(await Array.fromAsync(inputBytes(input, ports)))
    return [{type: 'memory', name, bytes}]
  }
  const path = `${folder}/${fetchedPrefix}${input.number}-${index}`
  await mkdir(folder, {recursive: true, mode: 0o700})
  const file = await open(path, 'w', 0o600)
  try {
    for await (const chunk of inputBytes(input, ports)) await file.writeFile(chunk)
  } finally {
    await file.close()
  }
  if (input.section === undefined) return sourcesIn(path, name, input)
  return [{type: 'file', name, path, offset: 0, bytes: input.section.bytes}]
}

function sourcesIn(path: string, name: string, {section}: TaskInput): SectionSource[] {
  const sections = section === undefined ? readSections(path) : [section]
  return sections.map(({offset, bytes}) => ({type: 'file', name, path, offset, bytes}))
}
