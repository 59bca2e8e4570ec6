/** A root folder with nothing but a C library, in which the executable runs as on a machine that has nothing else. */
import {execFileSync, spawnSync} from 'node:child_process'
import {chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'

export const binary = join(import.meta.dirname, '../../dist/binary/disco-inferno')

export interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** /proc and /dev as on any machine, seen by one run and by what it starts. Then the environment is emptied. */
const enter = `mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" || exit 99
  unset $(env | sed -n 's/^\\([A-Z_a-z0-9]*\\)=.*/\\1/p' | grep -v '^PATH$')
  exec unshare --root "$0" --wd "$@"`

/** Files that a program is linked to. */
function librariesOf(program: string): string[] {
  const text = execFileSync('ldd', [program], {encoding: 'utf8'})
  return [...text.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!)
}

export class Machine {
  readonly root: string

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'empty-root-'))
    for (const library of librariesOf(binary)) {
      mkdirSync(join(this.root, dirname(library)), {recursive: true})
      copyFileSync(library, join(this.root, library))
    }
    for (const folder of ['tmp', 'dev', 'proc', 'data', 'opt']) mkdirSync(join(this.root, folder))
    copyFileSync(binary, join(this.root, 'opt/tool'))
    chmodSync(join(this.root, 'opt'), 0o555)
  }

  put(from: string, to: string): void {
    cpSync(from, join(this.root, to), {recursive: true})
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path))
  }

  /** Runs a program of the root with an environment of nothing but PATH. @param folder - where it runs */
  run(words: readonly string[], folder = '/data'): Outcome {
    const all = ['--map-root-user', '--mount', 'sh', '-c', enter, this.root, folder, ...words]
    const {status, stdout, stderr} = spawnSync('unshare', all, {encoding: 'utf8', timeout: 60_000})
    return {exitCode: status, stdout, stderr}
  }

  remove(): void {
    rmSync(this.root, {recursive: true, force: true})
  }
}
