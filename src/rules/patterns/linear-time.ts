/**
 * Proves that a search by trying and going back, as RegExp does it, takes time linear in the text.
 *
 * Such a search tries a pattern at each place of a text, at each choice one way after the other. What it reads and keeps becomes the match;
 * all else it reads is lost. For each state (the pattern's rest from some place on) `Loss` bounds what a try that begins there loses:
 *
 * - `fixed` + `perChar` × characters of the text, in steps.
 * - `canFail`: false when every try leads to a match. Then nobody goes back to what was before.
 * - `isSpread`: tries from all places of a text together lose no more than some multiple of its length. So it is when `perChar` is 0.
 *
 * How they come about:
 *
 * - A character: it can fail; the rest begins one further.
 * - A choice whose options begin with different characters (and of which one at most can match nothing) loses what one of them loses: the
 *   others fail at once, now and when somebody goes back to them. Other choices: what all of them lose together.
 * - A run of characters of a set. When what follows cannot fail and loses a fixed amount, the run becomes part of the match. When what follows
 *   begins with other characters, it is tried in earnest only behind the last of them. Otherwise it is tried behind each of them, which is fine
 *   when it loses a fixed amount, or is spread.
 *   A run is spread when the character before it is none of its own: then two tries that come to it at different places run over different
 *   parts of the text, for each begins where such a stretch begins. `before` is the set of characters that can stand there.
 *   `.*$` reads the rest of a text whose characters it knows all, and cannot fail.
 * - `^` and `$` hold at one place, so what follows is spread. Behind a `\b` that is followed by word characters there is no word character before.
 * - Rounds of something longer: what is behind cannot fail, and one round alone loses a fixed amount; or each character of the text decides what
 *   is done with it, inside and at the end of a round (one-pass). Then a try reads each character once, and going back finds at each choice
 *   that the other ways fail at once.
 *
 * A search is linear when the pattern cannot fail, or is spread. Two things are done to have more patterns spread (linear-search.ts): texts
 * with a newline are left to RE2, so that `.` is any character; and of a pattern that begins with a run, only the first place of each stretch is
 * tried, since from a later one the same ends are reached.
 *
 * `test/unit/rules/patterns/linear-time.test.ts` counts the steps of such a
 * search against these bounds.
 */
import {
  allChars,
  areApart,
  type CharSet,
  intersection,
  isWithin,
  negated,
  noChars,
  union,
  wordChars,
} from './char-set.ts'
import {looksMax, stepsMax} from './limits.ts'
import {Firsts, type State} from './states.ts'
import {Unsure} from './tree.ts'

export interface Loss {
  readonly canFail: boolean
  readonly fixed: number
  readonly perChar: number
  readonly isSpread: boolean
}

export interface SearchedTexts {
  /** What can stand before a place that is tried. */
  readonly before: CharSet
  /** What texts are made of. */
  readonly inText: CharSet
}

/**
 * What a search for the pattern loses, at each place of a text.
 *
 * @throws Unsure when that is not known to be linear, or much
 */
export function searchLoss(root: State, {before, inText}: SearchedTexts): Loss {
  const loss = new LossFinder(inText).of(root, before)
  if (loss.canFail && !loss.isSpread) throw new Unsure('could read long texts again from each of their places')
  if (loss.fixed + loss.perChar > stepsMax) throw new Unsure('could take many steps for each character')
  return loss
}

class LossFinder {
  readonly #firsts = new Firsts()
  readonly #known = new Map<State, Map<string, Loss>>()
  readonly #inText: CharSet
  #looks = 0

  constructor(inText: CharSet) {
    this.#inText = inText
  }

  /** @param before - what can be the character before */
  of(state: State, before: CharSet): Loss {
    const name = before.join()
    const known = this.#known.get(state)?.get(name)
    if (known !== undefined) return known
    if (++this.#looks > looksMax) throw new Unsure('is too large')
    const found = this.#find(state, before)
    const loss = {...found, isSpread: found.isSpread || found.perChar === 0}
    this.#known.set(state, (this.#known.get(state) ?? new Map<string, Loss>()).set(name, loss))
    return loss
  }

  #find(state: State, before: CharSet): Loss {
    switch (state.type) {
      case 'match':
        return {canFail: false, fixed: 0, perChar: 0, isSpread: true}
      case 'char':
        return oneMore(this.of(state.next, state.set))
      case 'assertion':
        return this.#ofAssertion(state, before)
      case 'choice':
        return this.#ofChoice(state.options, before)
      case 'run':
        return this.#ofRun(state, before)
      case 'loop':
        return this.#ofLoop(state)
      case 'back':
        throw new Unsure('has a round that is looked at by itself')
    }
  }

  #ofAssertion({assertion, next}: State & {type: 'assertion'}, before: CharSet): Loss {
    if (assertion === 'start') return {...oneMore(this.of(next, noChars)), isSpread: true}
    if (assertion === 'end') return {...oneMore(this.of(next, before)), isSpread: true}
    return oneMore(this.of(next, assertion === 'boundary' ? this.#beforeBoundary(next, before) : before))
  }

  #beforeBoundary(next: State, before: CharSet): CharSet {
    const {chars, canEnd} = this.#firsts.of(next)
    return !canEnd && isWithin(chars, wordChars) ? intersection(before, negated(wordChars)) : before
  }

  #ofChoice(options: readonly State[], before: CharSet): Loss {
    const losses = options.map(option => this.of(option, before))
    const isDecided = this.#firsts.areApart(options)
    const together = (amounts: readonly number[]): number =>
      isDecided ? Math.max(...amounts) : amounts.reduce((sum, amount) => sum + amount, 0)
    return {
      canFail: losses.every(loss => loss.canFail),
      fixed: together(losses.map(loss => loss.fixed)) + options.length,
      perChar: together(losses.map(loss => loss.perChar)),
      isSpread: losses.every(loss => loss.isSpread),
    }
  }

  #ofRun({set, min, isGreedy, next}: State & {type: 'run'}, before: CharSet): Loss {
    const behind = this.of(next, min > 0 ? set : union(before, set))
    const perChar = behind.perChar
    const fixed = behind.fixed + min + 1
    if (this.#isRestOfText(set, next)) return {canFail: min > 0, fixed, perChar: 0, isSpread: true}
    const isApart = areApart(set, before)
    if (!behind.canFail) {
      // Greedy: what follows is tried once, behind the run. Else here, where it leads to a match.
      const isSpread = behind.isSpread && (isApart || !isGreedy)
      return {canFail: min > 0, fixed, perChar, isSpread}
    }
    const isSpread = isApart && behind.isSpread
    if (areApart(set, this.#firsts.of(next).chars)) return {canFail: true, fixed, perChar: perChar + 1, isSpread}
    if (!behind.isSpread) throw new Unsure('could read long texts again behind each character of a repetition')
    return {canFail: true, fixed, perChar: perChar + fixed, isSpread}
  }

  /** `.*$`: it reads what is left of the text, and that matches. */
  #isRestOfText(set: CharSet, next: State): boolean {
    return (
      next.type === 'assertion' && next.assertion === 'end' && next.next.type === 'match' && isWithin(this.#inText, set)
    )
  }

  #ofLoop(loop: State & {type: 'loop'}): Loss {
    const {round, next} = loop
    const behind = this.of(next, allChars)
    const {fixed, perChar, canFail} = oneMore(behind)
    if (!behind.canFail) {
      const alone = this.of(round, allChars)
      if (alone.perChar === 0)
        return {canFail: false, fixed: fixed + alone.fixed, perChar, isSpread: behind.isSpread && perChar === 0}
    }
    if (!this.#isDecided(loop, new Set())) throw new Unsure('has a repetition that can read one text in several ways')
    return {canFail: canFail && behind.canFail, fixed, perChar: perChar + this.#sizeOf(round), isSpread: false}
  }

  /** Whether the next character decides between another round and its end, and each of a round what is done with it. */
  #isDecided({round, body, next}: State & {type: 'loop'}, seen: Set<State>): boolean {
    return areApart(this.#firsts.of(round).chars, this.#firsts.of(next).chars) && this.#isOnePass(body, seen)
  }

  /** Up to the end of the round. */
  #isOnePass(state: State, seen: Set<State>): boolean {
    if (seen.has(state)) return true
    seen.add(state)
    switch (state.type) {
      case 'match':
      case 'back':
        return true
      case 'char':
      case 'assertion':
        return this.#isOnePass(state.next, seen)
      case 'choice':
        return this.#firsts.areApart(state.options) && state.options.every(option => this.#isOnePass(option, seen))
      case 'run':
        return areApart(state.set, this.#firsts.of(state.next).chars) && this.#isOnePass(state.next, seen)
      case 'loop':
        return this.#isDecided(state, seen) && this.#isOnePass(state.next, seen)
    }
  }

  /** States up to the end of a round. */
  #sizeOf(round: State, seen = new Set<State>()): number {
    if (seen.has(round)) return 0
    seen.add(round)
    switch (round.type) {
      case 'match':
      case 'back':
        return 0
      case 'choice':
        return round.options.reduce((sum, option) => sum + this.#sizeOf(option, seen), 1)
      case 'loop':
        return 1 + this.#sizeOf(round.body, seen) + this.#sizeOf(round.next, seen)
      default:
        return 1 + this.#sizeOf(round.next, seen)
    }
  }
}

function oneMore({fixed, perChar, isSpread}: Loss): Loss {
  return {canFail: true, fixed: fixed + 1, perChar, isSpread}
}
