import type {CompletionCommand, CompletionModel} from './model.ts'

/**
 * A bash script: one function that first finds out which command is typed, then offers what fits there.
 *
 * Where nothing is offered bash completes file names (`-o default`). `=` is a word break in bash, so `--flag=value` arrives
 * as three words.
 */
export function bashScript(model: CompletionModel): string {
  const paths = [
    ...model.menus.map(menu => menu.path).filter(path => path !== ''),
    ...model.commands.map(command => command.path),
  ]
    .map(quote)
    .join(' | ')
  return `# Completion of ${model.names.join(', ')} for bash.
# Use it now:    source <(disco-inferno completion bash)
# Use it always: disco-inferno completion bash > ~/.local/share/bash-completion/completions/disco-inferno

_disco_inferno() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path= next index
  case \${COMP_WORDS[0]##*/} in
    ${model.topics.join(' | ')}) path=\${COMP_WORDS[0]##*/} ;;
  esac
  for ((index = 1; index < COMP_CWORD; index++)); do
    next="\${path:+$path }\${COMP_WORDS[index]}"
    case $next in
      ${paths}) path=$next ;;
      *) break ;;
    esac
  done
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi

  COMPREPLY=()
  case "$path $previous" in
${model.commands.flatMap(valueCases).join('\n')}
  esac

  case $path in
${model.menus
  .map(menu =>
    offer(
      menu.path,
      menu.words.map(described => described.word),
    ),
  )
  .join('\n')}
${model.commands.map(flagsAndValues).join('\n')}
  esac
}

complete -o default -F _disco_inferno ${model.names.join(' ')}
`
}

/** After a flag that takes a value: its values, or nothing, which means files. */
function valueCases(command: CompletionCommand): string[] {
  return command.flags
    .filter(flag => flag.takesValue)
    .map(flag => {
      const words = [flag.word, ...(flag.short === undefined ? [] : [flag.short])]
      const patterns = words.map(word => quote(`${command.path} ${word}`)).join(' | ')
      return `    ${patterns}) ${flag.values.length === 0 ? '' : `${compgen(flag.values)}; `}return ;;`
    })
}

function flagsAndValues(command: CompletionCommand): string {
  const flags = compgen(command.flags.map(flag => flag.word))
  const otherwise = command.values.length === 0 ? '' : `; else ${compgen(command.values)}`
  return `    ${quote(command.path)}) if [[ $current == -* ]]; then ${flags}${otherwise}; fi ;;`
}

const offer = (path: string, words: readonly string[]): string => `    ${quote(path)}) ${compgen(words)} ;;`

const compgen = (words: readonly string[]): string =>
  `COMPREPLY=($(compgen -W ${quote(words.join(' '))} -- "$current"))`

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
