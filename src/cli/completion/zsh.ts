import type {CompletionCommand, CompletionFlag, CompletionModel, Described} from './model.ts'

/**
 * A zsh script: a menu function per topic and one function per command, which hands its flags to `_arguments`.
 *
 * Works when sourced and when put on the fpath as `_disco-inferno`.
 */
export function zshScript(model: CompletionModel): string {
  return `#compdef ${model.names.join(' ')}
# Completion of ${model.names.join(', ')} for zsh.
# Use it now:    source <(disco-inferno completion zsh)
# Use it always: disco-inferno completion zsh > "\${fpath[1]}/_disco-inferno"

${model.commands.map(commandFunction).join('\n')}
${model.menus.map(menu => menuFunction(menu.path, menu.words, model)).join('\n')}
_disco_inferno() {
  case \${service:-\${words[1]:t}} in
${model.topics.map(topic => `    ${topic}) ${functionOf(topic)} ;;`).join('\n')}
    *) ${functionOf('')} ;;
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _disco_inferno "$@"
else
  compdef _disco_inferno ${model.names.join(' ')}
fi
`
}

function commandFunction(command: CompletionCommand): string {
  const values = command.values.length === 0 ? '_files' : `(${command.values.join(' ')})`
  const specs = [...command.flags.flatMap(flagSpecs), quote(`*:argument:${values}`)]
  return `${functionOf(command.path)}() {
  _arguments -s \\
    ${specs.join(' \\\n    ')}
}
`
}

function flagSpecs(flag: CompletionFlag): string[] {
  const value = flag.takesValue ? `:value:${flag.values.length === 0 ? '_files' : `(${flag.values.join(' ')})`}` : ''
  const description = `[${flag.summary.replace(/[[\]\\:]/g, '\\$&')}]`
  const repeat = flag.isRepeatable ? '*' : ''
  const words = [flag.takesValue ? `${flag.word}=` : flag.word, ...(flag.short === undefined ? [] : [flag.short])]
  return words.map(word => quote(`${repeat}${word}${description}${value}`))
}

/** Offers the words of a menu; a word that was typed already is passed on to its own function. */
function menuFunction(path: string, words: readonly Described[], model: CompletionModel): string {
  const names = words.map(({word, summary}) => quote(`${word.replaceAll(':', '\\:')}:${summary}`))
  const next = words.map(({word}) => ({word, path: path === '' ? word : `${path} ${word}`}))
  const known = new Set([...model.menus.map(menu => menu.path), ...model.commands.map(command => command.path)])
  const cases = next
    .filter(entry => known.has(entry.path))
    .map(entry => `      ${entry.word}) ${functionOf(entry.path)} ;;`)
  return `${functionOf(path)}() {
  if ((CURRENT == 2)); then
    local -a entries=(
      ${names.join('\n      ')}
    )
    _describe command entries
  else
    shift words
    ((CURRENT--))
    case $words[1] in
${cases.join('\n')}
      *) _files ;;
    esac
  fi
}
`
}

const functionOf = (path: string): string => `_disco_inferno__${path.replace(/\W/g, '_')}`

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
