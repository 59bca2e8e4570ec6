/** Entry of the built program. The version is answered before anything else is loaded; mostly bin/run.js has done that. */
const args = process.argv.slice(2)
if (args[0] === '--version' || args[0] === '-v') {
  void import('./version-text.ts').then(({versionText}) => process.stdout.write(versionText))
} else {
  // Not awaited: a reader that closes our pipe early would leave a top-level await pending (exit status 13).
  void import('./cli/index.ts').then(({main}) => main(args, process.argv[1] ?? ''))
}
