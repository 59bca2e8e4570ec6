/** A compiled pattern. Searching is not anchored: `^` and `$` do that. */
export interface Pattern {
  /** What searches: JavaScript's RegExp where that is certain to take linear time and to find the same, else RE2. */
  readonly engine: 'RegExp' | 'RE2'
  /** Why not RegExp, in words that go on after "the pattern". */
  readonly reason: string | undefined
  /** Without the match itself, group 0. */
  readonly groupCount: number
  /** Groups by name, in their order. */
  readonly groupNames: ReadonlyMap<string, number>
  test(text: string): boolean
  /** The first match and its groups; undefined for a group that took no part in it. */
  exec(text: string): readonly (string | undefined)[] | null
  /** Replaces every match. In the replacement `$1` is a group, `$<name>` a named one, `$&` the match, `$$` a dollar sign. */
  replaceAll(text: string, replacement: string): string
}
