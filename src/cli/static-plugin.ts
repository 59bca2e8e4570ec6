/** oclif's view of the tool: commands and their descriptions come from the bundle, nothing is searched for on disk. */
import {type Command, Config, type Interfaces, Plugin} from '@oclif/core'
import packageJson from '../../package.json' with {type: 'json'}
import {assert} from '../base/index.ts'
import {loaders} from '../generated/commands.ts'
import {manifest} from './manifest.ts'
import {innerTopics, topics} from './topics.ts'

export type CommandClass = new (args: string[], config: Config) => Command

/**
 * What this program says it is, to people and to other nodes. The variable is for trying an upgrade before there is one: the
 * program speaks what that version would.
 */
const version = process.env['DISCO_PRETEND_VERSION'] || packageJson.version

const pjson = {
  name: packageJson.name,
  version,
  description: packageJson.description,
  type: 'module',
  oclif: {
    bin: packageJson.name,
    dirname: packageJson.name,
    topicSeparator: ' ',
    topics: Object.fromEntries(
      Object.entries({...topics, ...innerTopics}).map(([name, {description}]) => [name, {description}]),
    ),
  },
} as unknown as Interfaces.PJSON

class StaticPlugin extends Plugin {
  override async findCommand(id: string, options: {must: true}): Promise<Command.Class>
  override async findCommand(id: string, options?: {must: boolean}): Promise<Command.Class | undefined>
  override async findCommand(id: string, options: {must?: boolean} = {}): Promise<Command.Class | undefined> {
    const load = loaders[id]
    if (load !== undefined) return Object.assign((await load()).default as Command.Class, {id, plugin: this})
    if (options.must) throw new Error(`there is no command ${id}`)
    return undefined
  }
}

/** A configuration that was made without looking for packages or commands on disk. */
export async function staticConfig(): Promise<Config> {
  // oclif wants a folder to call the root; the plugin below answers everything that would be read from it.
  const root = import.meta.dirname
  const plugin = new StaticPlugin({root, pjson, isRoot: true, type: 'core', name: pjson.name})
  // `_manifest` is private in the type; left alone it would look for oclif.manifest.json in the root.
  Object.assign(plugin, {
    _manifest: async () => {
      plugin.commandIDs = Object.keys(manifest.commands)
      return manifest
    },
  })
  await plugin.load()
  const config = new Config({
    root,
    pjson,
    plugins: new Map([[plugin.name, plugin]]),
    userPlugins: false,
    devPlugins: false,
  })
  await withUser(() => config.load())
  return config
}

/**
 * oclif asks the system for the user's folder and shell and fails where there is neither (an empty container). Nothing of ours
 * looks at the answers.
 */
async function withUser(load: () => Promise<void>): Promise<void> {
  const missing = ['HOME', 'SHELL'].filter(name => !process.env[name])
  for (const name of missing) process.env[name] = '/'
  try {
    await load()
  } finally {
    for (const name of missing) delete process.env[name]
  }
}

/** What a command looks at while it runs: names, and hooks that we have none of. The rest of a configuration is for help. */
export function runningConfig(): Config {
  const config = new Config({root: import.meta.dirname, pjson, userPlugins: false, devPlugins: false})
  const {bin, dirname} = pjson.oclif
  const {name, version} = pjson
  const userAgent = `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`
  return Object.assign(config, {name, version, bin, dirname, topicSeparator: ' ', pjson, userAgent, runHook})
}

const runHook = async (): Promise<Interfaces.Hook.Result<unknown>> => ({failures: [], successes: []})

/** The class of a command, its code loaded. */
export async function loadCommand(id: string): Promise<CommandClass> {
  const load = loaders[id]
  assert(load !== undefined, `there is a command ${id}`)
  const command = Object.assign((await load()).default as Command.Class, {id})
  // Left alone oclif takes the whole of a pipe on standard input for an argument that was not typed.
  for (const arg of Object.values(command.args ?? {})) arg.ignoreStdin = true
  return command as unknown as CommandClass
}
