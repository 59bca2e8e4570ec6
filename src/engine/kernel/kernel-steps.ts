/** A chain of built-in steps: the tests that a record has to pass, and what its fields are then. */
import type {Params, StepNode} from '../../rules/index.ts'
import {conditionTest, type KernelTest} from './kernel-condition.ts'
import {Unsupported} from './kernel-fields.ts'
import {type ConditionContext, type View, valueField} from './kernel-view.ts'

/** The step that makes several parts of a record: elements of a list, or words of a text. */
export interface KernelExpansion {
  readonly expand: 'list' | 'words'
  readonly source: number
  /** What each part has as its own. */
  readonly element: number
}

export interface KernelChain {
  /** What is asked of the record, and, where there is an expansion, of each of its parts. */
  readonly condition: KernelTest | undefined
  readonly partCondition: KernelTest | undefined
  readonly expansion: KernelExpansion | undefined
  readonly view: View
}

export interface ChainOptions {
  /** `the rule`, `keyset a`. */
  readonly owner: string
  readonly params: Params
  readonly mayExpand: boolean
}

/** @throws Unsupported */
export function kernelChain(steps: readonly StepNode[], start: View, options: ChainOptions): KernelChain {
  const chain = new Chain(start, options)
  for (const step of steps) chain.add(step)
  return chain.result()
}

class Chain {
  readonly #options: ChainOptions
  #view: View
  readonly #tests: KernelTest[] = []
  readonly #partTests: KernelTest[] = []
  #expansion: KernelExpansion | undefined

  constructor(start: View, options: ChainOptions) {
    this.#view = start
    this.#options = options
  }

  result(): KernelChain {
    const all = (operands: readonly KernelTest[]): KernelTest | undefined =>
      operands.length === 0 ? undefined : {test: 'and', operands}
    return {
      condition: all(this.#tests),
      partCondition: all(this.#partTests),
      expansion: this.#expansion,
      view: this.#view,
    }
  }

  add(step: StepNode): void {
    switch (step.step) {
      case 'where':
        this.#where(conditionTest(step.condition, this.#context(this.#view)))
        break
      case 'select':
        this.#view = this.#view.select(step.fields)
        break
      case 'derive':
        this.#derive(step)
        break
      case 'lookup':
        this.#lookUp(step)
        break
      case 'explode':
      case 'splitWords':
        this.#expand(step)
        break
      case 'parseJson':
        this.#refuse('the step parseJson')
        break
      case 'function':
        this.#refuse(`the step ${step.name || step.step}`)
    }
  }

  #refuse(what: string): never {
    throw new Unsupported(`${this.#options.owner} has ${what}`)
  }

  #context(view: View): ConditionContext {
    return {params: this.#options.params, view, refuse: what => this.#refuse(what), test: conditionTest}
  }

  #where(test: KernelTest): void {
    const tests = this.#expansion === undefined ? this.#tests : this.#partTests
    tests.push(test)
  }

  #derive({fields}: StepNode & {step: 'derive'}): void {
    for (const {name, value} of fields) {
      this.#refuseDotted(name)
      const context = this.#context(this.#view)
      this.#view = this.#view.set(name, use => valueField(value, context, use))
    }
  }

  /** Such a field lies beside the one that its name looks like. */
  #refuseDotted(name: string): void {
    const [first, ...inner] = this.#view.fields.segmentsOf(name)
    if (inner.length > 0 || first !== name) this.#refuse(`a step that sets the field ${name}`)
  }

  #lookUp({field, table, columns, unmatched}: StepNode & {step: 'lookup'}): void {
    const before = this.#view
    const {fields} = before
    if (unmatched === 'drop') this.#where({test: 'truth', field: fields.found(before.use(field, 'text'), table)})
    for (const {column, as} of columns) {
      this.#refuseDotted(as)
      this.#view = this.#view.set(as, use => {
        const otherwise = unmatched === 'drop' ? undefined : before.use(as, use)
        return fields.lookup(before.use(field, 'text'), table, column, otherwise, use)
      })
    }
  }

  #expand(step: StepNode & {step: 'explode' | 'splitWords'}): void {
    if (!this.#options.mayExpand) this.#refuse(`the step ${step.step}`)
    if (this.#expansion !== undefined) this.#refuse('two steps that make several records of one')
    const {fields} = this.#view
    const isList = step.step === 'explode'
    const source = this.#view.use(step.field, isList ? 'presence' : 'text')
    fields.endEarly()
    const element = fields.element()
    this.#expansion = {expand: isList ? 'list' : 'words', source, element}
    this.#view = this.#view.set(step.as, use => fields.usedFor(element, use))
  }
}
