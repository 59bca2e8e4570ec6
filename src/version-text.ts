/** What `--version` prints. A file of its own: imported as a whole by a dynamic import, the manifest is cut by the bundler to what does not load. */
import packageJson from '../package.json' with {type: 'json'}

export const versionText = `${packageJson.name}/${packageJson.version} ${process.platform}-${process.arch}\n`
