import {Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import type {LegacyFlag} from '../../src/cli/disco/legacy-text.ts'
import {agentFlags, legacyFlags, listenFlags} from '../../src/cli/disco/node-flags.ts'

/** How long the answer to a start in the background waits for agents, less than it waits for this process. Milliseconds. */
const agentsReadyMs = 20_000

interface DetachFlags extends LegacyFlag {
  readonly home?: string | undefined
  readonly json?: boolean | undefined
}

export default class Start extends BaseCommand {
  static override summary = 'Start a cluster on this machine'
  static override description =
    `Master and one agent in one process, listening on this machine only; data and tokens lie in the home folder. --agents starts agents as processes of their own instead, for trying a cluster out.

On real machines: disco master on one, disco agent --join on the others.`
  static override examples = ['<%= config.bin %> disco start --detach', '<%= config.bin %> disco start --agents 3']
  static override flags = {
    ...listenFlags,
    ...legacyFlags,
    ...agentFlags,
    port: Flags.integer({description: 'port to listen at', default: 8989, env: 'DISCO_PORT', min: 0, max: 65_535}),
    name: Flags.string({description: 'name of the node; the name of the machine without it'}),
    agents: Flags.integer({
      description: 'so many agents, each a process with a folder and a port of its own',
      min: 1,
      max: 32,
    }),
    force: Flags.boolean({description: 'come in although removed, or away for longer than deletions are remembered'}),
    detach: Flags.boolean({char: 'd', description: 'run in the background; the log is in the home folder'}),
  }

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Start)
    if (flags.detach) return this.#detach(flags)
    const [{runDaemon, SpawnedAgents}, {nodeOptions, codeText}, {legacyText}, {tellReady}, {agentArguments}] =
      await Promise.all([
        import('../../src/cluster/index.ts'),
        import('../../src/cli/disco/node-options.ts'),
        import('../../src/cli/disco/legacy-text.ts'),
        import('../../src/cli/disco/detach.ts'),
        import('../../src/cli/disco/agent-arguments.ts'),
      ])
    const isAgent = flags.agents === undefined
    const options = nodeOptions(flags, {isMaster: true, isAgent}, this.config.version)
    await runDaemon(options, {
      onReady: node => {
        process.stderr.write(`the cluster is at ${node.url}; stop it with Ctrl-C or: disco stop\n`)
        process.stderr.write(`${codeText(node.master)}\n`)
        process.stderr.write(legacyText(flags, node.url))
        const ready = {url: node.url, name: node.name}
        if (flags.agents === undefined) {
          tellReady(ready)
          return undefined
        }
        const agents = new SpawnedAgents({
          ...agentArguments(options, node.url, flags.agents, flags),
          log: options.openLog('start'),
          drainMs: flags.drain * 1000,
        })
        void agents.ready(agentsReadyMs).then(() => tellReady(ready))
        return {[Symbol.asyncDispose]: () => agents.close()}
      },
    })
    return {}
  }

  async #detach(flags: DetachFlags): Promise<unknown> {
    const [{homePaths}, {startDetached}, {legacyText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/disco/detach.ts'),
      import('../../src/cli/disco/legacy-text.ts'),
    ])
    const args = this.argv.filter(word => word !== '--detach' && word !== '-d' && word !== '--json')
    const started = await startDetached(homePaths(flags.home), ['disco', 'start', ...args])
    if (flags.json !== true) process.stdout.write(`${started.url}\n`)
    process.stderr.write(legacyText(flags, started.url))
    return {url: started.url, pid: started.pid}
  }
}
