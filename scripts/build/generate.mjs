// src/generated: the command table and what help and completion show, so that the program reads nothing from disk for them.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {Plugin} from '@oclif/core'
import {bundleCommands, commandFiles} from './bundle.mjs'

/** Writes src/generated/commands.ts and src/generated/manifest.json; `scratch` is a folder for intermediate files. */
export async function generate(root, scratch) {
  const files = commandFiles(root)
  const fileOf = await bundleCommands(root, files, scratch)
  const dir = join(root, 'src/generated')
  mkdirSync(dir, {recursive: true})
  writeIfChanged(join(dir, 'commands.ts'), commandTable(files))
  writeIfChanged(join(dir, 'manifest.json'), `${JSON.stringify(await manifestOf(files, fileOf), null, 1)}\n`)
  return files.size
}

function commandTable(files) {
  const lines = [...files].map(([id, file]) => `  '${id}': () => import('../../${file}'),`)
  return `// Written by the build from the files in commands/.
export const loaders: Readonly<Record<string, () => Promise<{readonly default: unknown}>>> = {
${lines.join('\n')}
}
`
}

/** What oclif would read from oclif.manifest.json: every command's flags, arguments and texts, without its code. */
async function manifestOf(files, fileOf) {
  const pjson = {name: 'disco-inferno', version: '0.0.0', type: 'module', oclif: {}}
  const plugin = new Plugin({
    root: import.meta.dirname,
    pjson,
    isRoot: true,
    ignoreManifest: true,
    errorOnManifestCreate: true,
  })
  Object.assign(plugin, {
    getCommandIDs: async () => [...files.keys()],
    findCommand: async id => {
      const command = (await import(pathToFileURL(fileOf(id)).href)).default
      if (typeof command?.run !== 'function')
        throw new Error(`${files.get(id)} has no command class as its default export`)
      return Object.assign(command, {id, plugin})
    },
  })
  await plugin.load()
  const commands = Object.entries(plugin.manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1))
  return {commands: Object.fromEntries(commands.map(([id, command]) => [id, withoutPlugin(command)]))}
}

function withoutPlugin({pluginAlias, pluginName, pluginType, ...command}) {
  return command
}

/** Keeps the modification time of a file that is right already: editors and watchers look at it. */
function writeIfChanged(file, text) {
  let current
  try {
    current = readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  if (current !== text) writeFileSync(file, text)
}
