/**
 * Reads the part of RE2's syntax that means the same in a RegExp, or can be said there.
 *
 * What is rare, or where the two differ, is refused, never guessed: classes of Unicode and of POSIX, `\Q…\E`, `\C`, octal escapes, the flags
 * m and U, `(?i)` beyond ASCII, repetitions of what can be empty, and groups that take part in some rounds of a repetition only (RE2 keeps
 * what they found in an earlier round, JavaScript forgets it).
 */
import {type CharSet, charSet, codePointMax, negated, noChars, union, wordChars} from './char-set.ts'
import {nestingMax, patternCharsMax, repeatsMax} from './limits.ts'
import {canBeEmpty, type PatternNode, type PatternTree, Unsure} from './tree.ts'

const digits: CharSet = [0x30, 0x39]
const blanks = charSet([0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20])
const classes: Readonly<Record<string, CharSet>> = {
  d: digits,
  D: negated(digits),
  s: blanks,
  S: negated(blanks),
  w: wordChars,
  W: negated(wordChars),
}
const controls: Readonly<Record<string, number>> = {a: 0x07, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b}
const assertions = {A: 'start', z: 'end', b: 'boundary', B: 'no-boundary'} as const
const newline = 0x0a
const asciiMax = 0x7f

interface Flags {
  readonly ignoresCase: boolean
  readonly dotIsAll: boolean
}

/** @throws Unsure for what is not certain, which includes all that is no pattern */
export function parsePattern(pattern: string): PatternTree {
  if (pattern.length > patternCharsMax) throw new Unsure(`is longer than ${patternCharsMax} characters`)
  if (!pattern.isWellFormed()) throw new Unsure('has half of a surrogate pair')
  return new PatternParser(pattern).parse()
}

class PatternParser {
  readonly #text: string
  readonly #groupNames = new Map<string, number>()
  #at = 0
  #groupCount = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): PatternTree {
    const root = this.#choice({ignoresCase: false, dotIsAll: false})
    if (this.#at < this.#text.length) throw new Unsure('has a bracket that nothing opens')
    return {root, groupCount: this.#groupCount, groupNames: this.#groupNames}
  }

  /** Up to the bracket that ends the group, or to the end. Flags set within hold up to there, also behind a bar. */
  #choice(outer: Flags): PatternNode {
    if (++this.#depth > nestingMax) throw new Unsure(`has more than ${nestingMax} groups within groups`)
    let flags = outer
    const options: PatternNode[] = []
    let nodes: PatternNode[] = []
    for (;;) {
      const found = this.#take(/\(\?([is]+)\)/y)
      if (found !== undefined) {
        flags = flagsOf(found[1]!, flags)
        if (/[*+?{]/.test(this.#text[this.#at] ?? '')) throw new Unsure('repeats flags')
      } else if (this.#at >= this.#text.length || this.#text[this.#at] === ')') {
        options.push(sequenceOf(nodes))
        this.#depth--
        return options.length === 1 ? options[0]! : {type: 'choice', options}
      } else if (this.#take(/\|/y)) {
        options.push(sequenceOf(nodes))
        nodes = []
      } else {
        nodes.push(this.#repeated(this.#atom(flags)))
      }
    }
  }

  #atom(flags: Flags): PatternNode {
    const char = this.#nextChar()
    switch (char) {
      case '(':
        return this.#group(flags)
      case '[':
        return oneOf(this.#class(flags))
      case '.':
        return oneOf(flags.dotIsAll ? [0, codePointMax] : negated([newline, newline]))
      case '^':
        return {type: 'assertion', assertion: 'start'}
      case '$':
        return {type: 'assertion', assertion: 'end'}
      case '\\': {
        const assertion = this.#take(/[AzbB]/y)?.[0]
        if (assertion !== undefined)
          return {type: 'assertion', assertion: assertions[assertion as keyof typeof assertions]}
        return oneOf(this.#namedClass(flags) ?? this.#literal(this.#escape(), flags))
      }
      case '*':
      case '+':
      case '?':
        throw new Unsure('repeats nothing')
      case '{':
        // RE2 takes it for itself where no number follows, and there are patterns in which that is hard to see.
        throw new Unsure('has a curly bracket without a backslash')
      default:
        return oneOf(this.#literal(char.codePointAt(0)!, flags))
    }
  }

  #group(flags: Flags): PatternNode {
    const opening = this.#take(/\?(?:P?<(\w+)>|([is]*):)/y)
    if (opening === undefined && this.#text[this.#at] === '?') throw new Unsure('has flags that RegExp has not')
    const isKept = opening?.[2] === undefined
    const name = opening?.[1]
    if (isKept) this.#groupCount++
    if (name !== undefined) {
      if (this.#groupNames.has(name)) throw new Unsure('has a name twice')
      this.#groupNames.set(name, this.#groupCount)
    }
    const node = this.#choice(flagsOf(opening?.[2] ?? '', flags))
    if (this.#take(/\)/y) === undefined) throw new Unsure('has a group without an end')
    return isKept ? {type: 'group', node} : node
  }

  #repeated(node: PatternNode): PatternNode {
    const found = this.#take(/(?:([*+?])|\{(0|[1-9]\d{0,3})(?:(,)(0|[1-9]\d{0,3})?)?\})(\?)?/y)
    if (found === undefined) return node
    const [, mark, from, comma, to, lazy] = found
    const min = mark === undefined ? Number(from) : mark === '+' ? 1 : 0
    const max = mark === undefined ? (comma === undefined ? min : Number(to ?? Infinity)) : mark === '?' ? 1 : Infinity
    if (max === 0 || max < min) throw new Unsure('has a repetition that never happens')
    if (min > repeatsMax || (max > repeatsMax && max !== Infinity))
      throw new Unsure(`repeats more than ${repeatsMax} times`)
    if (canBeEmpty(node)) throw new Unsure('repeats what can be empty')
    if (max > 1 && hasPassedGroup(node, false)) throw new Unsure('repeats a group that is not in every round')
    if (/[*+?]|\{\d/y.test(this.#text.slice(this.#at, this.#at + 2))) throw new Unsure('repeats a repetition')
    return {type: 'repeat', node, min, max, isGreedy: lazy === undefined}
  }

  /** Behind the opening bracket. */
  #class(flags: Flags): CharSet {
    const isNegated = this.#take(/\^/y) !== undefined
    let set = noChars
    for (let isFirst = true; isFirst || this.#text[this.#at] !== ']'; isFirst = false) {
      if (this.#text.startsWith('[:', this.#at)) throw new Unsure('has a class of POSIX')
      const named = this.#take(/\\(?=[dDsSwW])/y) && this.#namedClass(flags)
      if (named !== undefined) {
        set = union(set, named)
        continue
      }
      const first = this.#classChar()
      const last = this.#take(/-(?!\])/y) === undefined ? first : this.#classChar()
      if (last < first) throw new Unsure('has a range that ends before it begins')
      set = union(set, flags.ignoresCase ? bothCases([first, last]) : [first, last])
    }
    this.#at++
    return isNegated ? negated(set) : set
  }

  #classChar(): number {
    const char = this.#nextChar()
    return char === '\\' ? this.#escape() : char.codePointAt(0)!
  }

  /** Behind the backslash. */
  #namedClass({ignoresCase}: Flags): CharSet | undefined {
    const found = this.#take(/[dDsSwW]/y)?.[0]
    if (found === undefined) return undefined
    if (ignoresCase && found.toLowerCase() === 'w') throw new Unsure('has \\w where case does not matter')
    return classes[found]
  }

  /** The character that an escape stands for, behind the backslash. */
  #escape(): number {
    const control = this.#take(/[afnrtv]/y)?.[0]
    if (control !== undefined) return controls[control]!
    const hex = this.#take(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y)
    if (hex !== undefined) {
      const code = Number.parseInt(hex[1] ?? hex[2]!, 16)
      if (code > codePointMax || (code >= 0xd800 && code <= 0xdfff)) throw new Unsure('has an escape of no character')
      return code
    }
    const mark = this.#take(/[!-/:-@[-`{-~ ]/y)?.[0]
    if (mark === undefined) throw new Unsure(`has the escape \\${this.#text[this.#at] ?? ''}`)
    return mark.charCodeAt(0)
  }

  #literal(code: number, {ignoresCase}: Flags): CharSet {
    return ignoresCase ? bothCases([code, code]) : [code, code]
  }

  #nextChar(): string {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) throw new Unsure('ends early')
    const char = String.fromCodePoint(code)
    this.#at += char.length
    return char
  }

  /** @param sticky - what may stand here */
  #take(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.#at
    const found = sticky.exec(this.#text)
    if (found === null) return undefined
    this.#at += found[0].length
    return found
  }
}

function flagsOf(letters: string, outer: Flags): Flags {
  return {
    ignoresCase: outer.ignoresCase || letters.includes('i'),
    dotIsAll: outer.dotIsAll || letters.includes('s'),
  }
}

function oneOf(set: CharSet): PatternNode {
  if (set.length === 0) throw new Unsure('has a class without any character')
  return {type: 'char', set}
}

function sequenceOf(nodes: readonly PatternNode[]): PatternNode {
  return nodes.length === 1 ? nodes[0]! : {type: 'sequence', nodes}
}

/** Letters and what Unicode folds to them: the sign of Kelvin is a k, the long s an s. */
function bothCases(set: CharSet): CharSet {
  const all: number[] = [...set]
  for (let at = 0; at < set.length; at += 2) {
    if (set[at + 1]! > asciiMax) throw new Unsure('has letters beyond ASCII where case does not matter')
    for (let code = set[at]!; code <= set[at + 1]!; code++) {
      const letter = String.fromCharCode(code)
      if (!/[A-Za-z]/.test(letter)) continue
      const other = code ^ 0x20
      all.push(other, other)
      if (letter === 'k' || letter === 'K') all.push(0x212a, 0x212a)
      if (letter === 's' || letter === 'S') all.push(0x17f, 0x17f)
    }
  }
  return charSet(all)
}

/** Whether there is a group that a way through passes by. @param isOptional - there are ways that pass by the node */
function hasPassedGroup(node: PatternNode, isOptional: boolean): boolean {
  switch (node.type) {
    case 'char':
    case 'assertion':
      return false
    case 'sequence':
      return node.nodes.some(inner => hasPassedGroup(inner, isOptional))
    case 'choice':
      return node.options.some(option => hasPassedGroup(option, true))
    case 'group':
      return isOptional || hasPassedGroup(node.node, isOptional)
    case 'repeat':
      return hasPassedGroup(node.node, isOptional || node.min === 0)
  }
}
