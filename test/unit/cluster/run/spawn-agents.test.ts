import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {describe, expect, test} from 'vitest'
import {SpawnedAgents} from '../../../../src/cluster/index.ts'
import {temporaryFolder} from '../../storage/folder.ts'

const source = (path: string): string => JSON.stringify(new URL(`../../../../src/cluster/run/${path}`, import.meta.url))

/** What stands for an agent: says that it is ready, and stays. */
function agentFile(folder: string, body = 'process.send({type: "ready", pid: process.pid})'): string {
  const file = join(folder, 'agent.ts')
  writeFileSync(
    file,
    `import {endWithStarter} from ${source('starter.ts')}
endWithStarter()
${body}
setInterval(() => undefined, 1000)`,
  )
  return file
}

const optionsFor = (file: string, count: number, lines: unknown[] = []) => ({
  command: [process.execPath, file] as const,
  agents: Array.from({length: count}, () => []),
  env: {...process.env},
  log: (line: unknown) => void lines.push(line),
  drainMs: 0,
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('agents that a start made', () => {
  test('are waited for, and end with it', async () => {
    const agents = new SpawnedAgents(optionsFor(agentFile(temporaryFolder()), 2))
    await agents.ready(20_000)
    const pids = agents.pids()
    expect(pids.filter(isAlive)).toHaveLength(2)
    await agents.close()
    expect(pids.filter(isAlive)).toEqual([])
  }, 30_000)

  test('end also when it was killed', async () => {
    const folder = temporaryFolder()
    const starter = join(folder, 'starter.ts')
    writeFileSync(
      starter,
      `import {SpawnedAgents} from ${source('spawn-agents.ts')}
const agents = new SpawnedAgents({command: [process.execPath, ${JSON.stringify(agentFile(folder))}], agents: [[], []],
  env: process.env, log: () => undefined, drainMs: 0})
await agents.ready(20000)
console.log(JSON.stringify(agents.pids()))`,
    )
    const child = spawn(process.execPath, [starter], {stdio: ['ignore', 'pipe', 'inherit']})
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    const pids = JSON.parse(said.toString()) as number[]
    expect(pids.filter(isAlive)).toHaveLength(2)
    child.kill('SIGKILL')
    await expect.poll(() => pids.filter(isAlive), {timeout: 10_000}).toEqual([])
  }, 30_000)

  test('are tried again while another process may still have their folder', async () => {
    const folder = temporaryFolder()
    const body = `import {existsSync, writeFileSync} from 'node:fs'
const mark = ${JSON.stringify(join(folder, 'mark'))}
if (!existsSync(mark)) {
  writeFileSync(mark, '')
  process.exit(1)
}
process.send({type: 'ready'})`
    const lines: unknown[] = []
    const agents = new SpawnedAgents(optionsFor(agentFile(folder, body), 1, lines))
    await agents.ready(20_000)
    expect(agents.pids()).toHaveLength(1)
    expect(lines).toMatchObject([{level: 'warn', msg: 'agent ended', code: 1}])
    await agents.close()
  }, 30_000)

  test('are not waited for when a person has to do something first', async () => {
    const lines: unknown[] = []
    const agents = new SpawnedAgents(optionsFor(agentFile(temporaryFolder(), 'process.exit(2)'), 1, lines))
    await agents.ready(20_000)
    expect(lines).toMatchObject([{level: 'error', msg: 'agent ended', code: 2}])
    await agents.close()
  }, 30_000)

  test('stay away when they were asked to stop', async () => {
    const folder = temporaryFolder()
    const body = `import {appendFileSync} from 'node:fs'
appendFileSync(${JSON.stringify(join(folder, 'starts'))}, 'x')
process.exit(0)`
    const lines: unknown[] = []
    const agents = new SpawnedAgents(optionsFor(agentFile(folder, body), 1, lines))
    await agents.ready(20_000)
    await setTimeout(2000)
    expect(readFileSync(join(folder, 'starts'), 'utf8')).toBe('x')
    expect(lines).toMatchObject([{level: 'warn', msg: 'agent ended', code: 0}])
    await agents.close()
  }, 30_000)

  test('are tried again when there was no process for one', async () => {
    const folder = temporaryFolder()
    const program = join(folder, 'node')
    const lines: unknown[] = []
    const agents = new SpawnedAgents({
      ...optionsFor(agentFile(folder), 1, lines),
      command: [program, join(folder, 'agent.ts')],
    })
    await expect.poll(() => lines).toMatchObject([{level: 'error', msg: 'agent does not start'}])
    symlinkSync(process.execPath, program)
    await agents.ready(20_000)
    expect(agents.pids()).toHaveLength(1)
    await agents.close()
  }, 30_000)
})
