/** Names of keys, whatever a terminal sends for them. A character is its own name. */
export type KeyName =
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'home'
  | 'end'
  | 'enter'
  | 'escape'
  | 'tab'
  | 'back-tab'
  | 'backspace'
  | 'ctrl-c'
  | 'ctrl-l'
  | 'ctrl-u'
  | `char:${string}`

export interface PressedKey {
  readonly upArrow: boolean
  readonly downArrow: boolean
  readonly pageDown: boolean
  readonly pageUp: boolean
  readonly home: boolean
  readonly end: boolean
  readonly return: boolean
  readonly escape: boolean
  readonly ctrl: boolean
  readonly shift: boolean
  readonly tab: boolean
  readonly backspace: boolean
  readonly delete: boolean
  readonly meta: boolean
}

const controlNames: Readonly<Record<string, KeyName>> = {
  c: 'ctrl-c',
  l: 'ctrl-l',
  u: 'ctrl-u',
  b: 'page-up',
  f: 'page-down',
}

/** @param input - several characters when they came at once, as from a paste */
export function keyNames(input: string, key: PressedKey): readonly KeyName[] {
  if (key.upArrow) return ['up']
  if (key.downArrow) return ['down']
  if (key.pageUp) return ['page-up']
  if (key.pageDown) return ['page-down']
  if (key.home) return ['home']
  if (key.end) return ['end']
  if (key.return) return ['enter']
  if (key.tab) return [key.shift ? 'back-tab' : 'tab']
  if (key.backspace || key.delete) return ['backspace']
  if (key.escape) return ['escape']
  if (key.ctrl) {
    const name = controlNames[input]
    return name === undefined ? [] : [name]
  }
  if (key.meta) return []
  return Array.from(input).flatMap(char => nameOfChar(char))
}

function nameOfChar(char: string): KeyName[] {
  if (char === '\r' || char === '\n') return ['enter']
  if (char === '\t') return ['tab']
  if (char === '\u0003') return ['ctrl-c']
  if (char === '\u007f' || char === '\b') return ['backspace']
  return char < ' ' ? [] : [`char:${char}`]
}
