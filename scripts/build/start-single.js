/**
 * Begins in the one executable, in its main thread and in each other: makes the parts of the program modules that import each other,
 * and loads one of them. The build puts the values of `entry` and `versionText` in. Small, because all of it is compiled at each start.
 */
const scheme = 'embedded:'

if (versionText !== undefined && (process.argv[2] === '--version' || process.argv[2] === '-v')) {
  process.stdout.write(`${versionText} ${process.platform}-${process.arch}\n`)
} else {
  const {createRequire, registerHooks} = process.getBuiltinModule('node:module')
  const {getRawAsset} = process.getBuiltinModule('node:sea')
  const importer = `${scheme}importer`
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith(scheme)) return {url: specifier, format: 'module', shortCircuit: true}
      if (!context.parentURL?.startsWith(scheme)) return next(specifier, context)
      if (specifier.startsWith('./'))
        return {url: `${scheme}///${specifier.slice(2)}`, format: 'module', shortCircuit: true}
      return next(specifier, {...context, parentURL: undefined})
    },
    load(url, context, next) {
      if (!url.startsWith(scheme)) return next(url, context)
      // A script's own import() knows built-in modules only: borrow one from a module.
      const source =
        url === importer
          ? 'export default url => import(url)'
          : Buffer.from(getRawAsset(url.slice(`${scheme}///`.length))).utf8Slice()
      return {format: 'module', shortCircuit: true, source}
    },
  })
  void createRequire(process.execPath)(importer).default(`${scheme}///${entry}`)
}
