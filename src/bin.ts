/** Entry of the built program. The version is answered before anything else is loaded. */
import packageJson from '../package.json' with {type: 'json'}

const args = process.argv.slice(2)
if (args[0] === '--version' || args[0] === '-v') {
  process.stdout.write(`${packageJson.name}/${packageJson.version} ${process.platform}-${process.arch}\n`)
} else {
  // Not awaited: a reader that closes our pipe early would leave a top-level await pending (exit status 13).
  void import('./cli/index.ts').then(({main}) => main(args, process.argv[1] ?? ''))
}
