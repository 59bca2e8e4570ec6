/** What the page shows, as data: elements with texts. Drawn by `page/patch.ts`, which makes text nodes of all texts. */
import type {Action} from './actions.ts'

/** Attributes that are set: none that takes code or an address of strangers. */
export type AttributeName =
  | 'id'
  | 'class'
  | 'role'
  | 'href'
  | 'for'
  | 'type'
  | 'name'
  | 'placeholder'
  | 'autocomplete'
  | 'max'
  | 'value'
  | 'tabindex'
  | 'title'
  | 'scope'
  | 'data-label'
  | `aria-${string}`

export type Attributes = Readonly<Partial<Record<AttributeName, string | number | undefined>>>

/** What a person's doing becomes; of a field or form with the text that is in it. */
export interface Handlers {
  readonly click?: () => Action
  readonly input?: (text: string) => Action
  readonly submit?: (text: string) => Action
}

export interface Element {
  readonly tag: keyof HTMLElementTagNames
  /** Among its siblings, the same for the same thing in the next drawing. */
  readonly key?: string | undefined
  readonly attributes: Attributes
  readonly handlers: Handlers
  readonly children: readonly View[]
}

export type View = Element | string

/** Elements that the page is made of. */
interface HTMLElementTagNames {
  readonly a: true
  readonly bdi: true
  readonly button: true
  readonly caption: true
  readonly dd: true
  readonly div: true
  readonly dl: true
  readonly dt: true
  readonly footer: true
  readonly form: true
  readonly h1: true
  readonly h2: true
  readonly h3: true
  readonly header: true
  readonly input: true
  readonly label: true
  readonly li: true
  readonly main: true
  readonly nav: true
  readonly ol: true
  readonly p: true
  readonly progress: true
  readonly section: true
  readonly span: true
  readonly strong: true
  readonly table: true
  readonly tbody: true
  readonly td: true
  readonly th: true
  readonly thead: true
  readonly time: true
  readonly tr: true
  readonly ul: true
}

export interface ElementOptions extends Attributes {
  readonly key?: string
  readonly on?: Handlers
}

/** Children that are undefined are left out. */
export function el(
  tag: Element['tag'],
  {key, on = {}, ...attributes}: ElementOptions = {},
  ...children: readonly (View | undefined)[]
): Element {
  return {
    tag,
    key,
    attributes,
    handlers: on,
    children: children.filter(child => child !== undefined && child !== '') as View[],
  }
}

/** All text below an element, as a person reads it. */
export function textOf(view: View): string {
  if (typeof view === 'string') return view
  return view.children.map(textOf).join(' ')
}
