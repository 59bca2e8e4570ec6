import type {CompletionCommand, CompletionFlag, CompletionModel} from './model.ts'

/** A fish script: one function that says which command is typed, and one `complete` line per thing that can follow it. */
export function fishScript(model: CompletionModel): string {
  const paths = [
    ...model.menus.map(menu => menu.path).filter(path => path !== ''),
    ...model.commands.map(command => command.path),
  ]
    .map(quote)
    .join(' ')
  const menus = model.menus.flatMap(menu =>
    menu.words.map(({word, summary}) => `-f ${condition(menu.path)} -a ${quote(word)} -d ${quote(summary)}`),
  )
  const lines = [...menus, ...model.commands.flatMap(commandLines)]
  return `# Completion of ${model.names.join(', ')} for fish.
# Use it now:    disco-inferno completion fish | source
# Use it always: disco-inferno completion fish > ~/.config/fish/completions/disco-inferno.fish

# True when the words before the cursor name exactly this topic or command.
function __disco_inferno_at
  set -l words (commandline -opc)
  set -l path
  contains -- (basename $words[1]) ${model.topics.join(' ')}; and set path (basename $words[1])
  for word in $words[2..]
    set -l next (string trim -- "$path $word")
    contains -- $next ${paths}; or break
    set path $next
  end
  test "$path" = "$argv[1]"
end

for name in ${model.names.join(' ')}
${lines.map(line => `  complete -c $name ${line}`).join('\n')}
end
`
}

function commandLines(command: CompletionCommand): string[] {
  const flags = command.flags.map(flag => `${condition(command.path)} ${flagOptions(flag)}`)
  const values = command.values.map(value => `-f ${condition(command.path)} -a ${quote(value)}`)
  return [...values, ...flags]
}

function flagOptions(flag: CompletionFlag): string {
  const short = flag.short === undefined ? '' : `-s ${flag.short.slice(1)} `
  const values = flag.values.length === 0 ? '' : ` -f -a ${quote(flag.values.join(' '))}`
  const value = flag.takesValue ? ` -r${values}` : ''
  return `${short}-l ${flag.word.slice(2)}${value} -d ${quote(flag.summary)}`
}

const condition = (path: string): string => `-n ${quote(`__disco_inferno_at ${quoteInner(path)}`)}`

/** Quotes for a word inside a quoted condition. */
const quoteInner = (text: string): string => `"${text}"`

const quote = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`
