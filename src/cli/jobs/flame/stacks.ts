/** Collapsed stacks: a line a stack, `outer;inner n`. */

/** Stack -> weight. */
export type Stacks = ReadonlyMap<string, number>

/** Adds the lines of a text to `all`, below `roots`. Lines that are none are passed over: they are not ours. */
export function addStacks(all: Map<string, number>, text: string, roots: readonly string[]): void {
  for (const line of text.split('\n')) {
    const at = line.lastIndexOf(' ')
    const weight = Number(line.slice(at + 1))
    if (at <= 0 || !Number.isFinite(weight) || weight <= 0) continue
    const stack = [...roots, line.slice(0, at)].join(';')
    all.set(stack, (all.get(stack) ?? 0) + weight)
  }
}

/** In the order of the stacks. */
export const stacksText = (stacks: Stacks): string =>
  [...stacks]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([stack, weight]) => `${stack} ${weight}\n`)
    .join('')

export interface Frame {
  readonly name: string
  /** Its own and that of all above it. */
  weight: number
  readonly children: Map<string, Frame>
}

/** The tree that the stacks are paths of. */
export function frameTree(stacks: Stacks): Frame {
  const root: Frame = {name: 'all', weight: 0, children: new Map()}
  for (const [stack, weight] of stacks) {
    root.weight += weight
    let frame = root
    for (const name of stack.split(';')) {
      let child = frame.children.get(name)
      if (child === undefined) {
        child = {name, weight: 0, children: new Map()}
        frame.children.set(name, child)
      }
      child.weight += weight
      frame = child
    }
  }
  return root
}
