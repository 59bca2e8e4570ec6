/** Shell completion: scripts that know every command, flag and option value, made from the manifest. */
import {type Manifest, manifest} from '../manifest.ts'
import {bashScript} from './bash.ts'
import {fishScript} from './fish.ts'
import {completionModel} from './model.ts'
import {zshScript} from './zsh.ts'

export type CompletionShell = 'bash' | 'fish' | 'zsh'

const scripts = {bash: bashScript, fish: fishScript, zsh: zshScript}

export const completionShells: readonly CompletionShell[] = ['bash', 'zsh', 'fish']

/** The script to source (bash, fish) or to put on the fpath (zsh); it serves all names of the tool. */
export function completionScript(shell: CompletionShell, commands: Manifest['commands'] = manifest.commands): string {
  return scripts[shell](completionModel(commands))
}
