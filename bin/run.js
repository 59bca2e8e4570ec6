#!/usr/bin/env node
// Plain JavaScript that any Node since 14 parses: the Node that starts it may be older than the one the tool needs.
const nodeMajorMin = 26
const isNodeNewEnough = Number(process.versions.node.split('.')[0]) >= nodeMajorMin
/** Set for the child: if that Node is too old as well, starting it again would never end. */
const reexecMark = 'DISCO_INFERNO_REEXEC'
/** Node's own modules that start the tool; without imports, which load more than is used (20 ms for child_process alone). */
const names = ['fs', 'module', 'url']

if (isNodeNewEnough) start(...names.map(name => process.getBuiltinModule(`node:${name}`)))
else void Promise.all(names.map(name => import(`node:${name}`))).then(modules => start(...modules))

function start(fs, module, {fileURLToPath}) {
  const here = file => fileURLToPath(new URL(file, import.meta.url))
  if (process.argv[2] === '--version' || process.argv[2] === '-v') {
    // Answered before anything else is loaded or started: the version does not depend on which Node runs.
    const {name, version} = JSON.parse(fs.readFileSync(here('../package.json'), 'utf8'))
    process.stdout.write(`${name}/${version} ${process.platform}-${process.arch}\n`)
  } else if (!fs.existsSync(here('../dist/bin.js'))) {
    refuse(`disco-inferno is not built yet: run "npm run build" in ${here('..')}`)
  } else if (isNodeNewEnough) {
    // Before what follows: a program that we start may start us again, with another Node.
    if (process.env[reexecMark]) endWithStarter()
    delete process.env[reexecMark]
    keepCompiledCode(module.enableCompileCache)
    void import('../dist/bin.js')
  } else {
    void import('node:child_process').then(({spawn}) => runUnderPinnedNode(spawn, fs.existsSync, here))
  }
}

/**
 * Lets Node keep its compiled form of the program in the user's cache folder: a fifth of the start-up time.
 *
 * Not in the folder for temporary files, which Node would take by default: ours should be empty after a run.
 */
function keepCompiledCode(enableCompileCache) {
  const {NODE_COMPILE_CACHE, XDG_CACHE_HOME, HOME} = process.env
  const caches = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`)
  if (NODE_COMPILE_CACHE || caches) enableCompileCache(NODE_COMPILE_CACHE || `${caches}/disco-inferno/compiled`)
}

/** Nobody can pass on that the launcher was killed outright: its end of the channel closes then, and ours ends as when it is asked to. */
function endWithStarter() {
  if (!process.channel) return
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  // The channel alone is nothing to stay for, and nobody reads what is sent there.
  process.channel.unref()
  delete process.send
  delete process.disconnect
}

/** Starts the same command again under the Node that npm installed beside the tool, and ends as it ends. */
function runUnderPinnedNode(spawn, existsSync, here) {
  const node = here('../node_modules/.bin/node')
  if (!existsSync(node) || process.env[reexecMark]) {
    return refuse(
      `disco-inferno needs Node ${nodeMajorMin} or newer and this is ${process.version}: run "npm run setup" in ${here('..')} once, it brings its own Node.`,
    )
  }
  // argv[1] keeps the name that was typed: disco-inferno, disco, ddfs or inferno.
  const args = [...process.execArgv, process.argv[1], ...process.argv.slice(2)]
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  const child = spawn(node, args, {stdio, env: {...process.env, [reexecMark]: '1'}})
  child.on('error', error =>
    refuse(`the Node of disco-inferno does not start (${error.message}): run "npm run setup" in ${here('..')}`),
  )
  // A terminal sends Ctrl-C to the child too and the parent only waits for it; elsewhere it is for the parent to pass on.
  const isOnTerminal = [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY)
  process.on('SIGINT', () => isOnTerminal || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function refuse(sentence) {
  console.error(sentence)
  process.exitCode = 1
}
