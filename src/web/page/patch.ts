/**
 * Makes the document what a view says, with as few changes as that takes: what a person has focused, selected or scrolled
 * stays as it is. Texts become text nodes; nothing is ever read as markup.
 */
import type {Action} from '../view/actions.ts'
import type {Handlers, View, Element as ViewElement} from '../view/element.ts'

interface Drawn extends HTMLElement {
  /** What it was drawn from. */
  drawnFrom?: ViewElement
}

export type Dispatch = (action: Action) => void

/**
 * @param parent - ours alone: what the views do not name is removed from it
 * @param dispatch - told what comes of clicks and input; an element keeps the one that it was made with
 */
export function patchChildren(parent: HTMLElement, views: readonly View[], dispatch: Dispatch): void {
  const focused = document.activeElement
  patchInto(parent, views, dispatch)
  // An element that has moved in the document has lost its focus on the way.
  if (focused instanceof HTMLElement && focused !== document.activeElement && focused.isConnected) {
    focused.focus({preventScroll: true})
  }
}

function patchInto(parent: HTMLElement, views: readonly View[], dispatch: Dispatch): void {
  const byKey = new Map<string, Drawn>()
  for (const child of parent.children) {
    const {drawnFrom} = child as Drawn
    if (drawnFrom?.key !== undefined) byKey.set(drawnFrom.key, child as Drawn)
  }
  let at: ChildNode | null = parent.firstChild
  for (const view of views) {
    const key = typeof view === 'string' ? undefined : view.key
    const known = key === undefined ? at : (byKey.get(key) ?? null)
    const node = nodeFor(view, known, dispatch)
    if (node === at) at = at.nextSibling
    else parent.insertBefore(node, at)
  }
  while (at !== null) {
    const next: ChildNode | null = at.nextSibling
    at.remove()
    at = next
  }
}

/** The known node made to fit, or a new one. */
function nodeFor(view: View, known: ChildNode | null, dispatch: Dispatch): ChildNode {
  if (typeof view === 'string') {
    if (!(known instanceof Text)) return document.createTextNode(view)
    if (known.data !== view) known.data = view
    return known
  }
  const {drawnFrom} = (known ?? {}) as Partial<Drawn>
  const fits = drawnFrom?.tag === view.tag && drawnFrom.key === view.key
  const element: Drawn = fits ? (known as Drawn) : document.createElement(view.tag)
  if (!fits) listen(element, view.handlers, dispatch)
  patchAttributes(element, fits ? drawnFrom : undefined, view)
  element.drawnFrom = view
  patchInto(element, view.children, dispatch)
  return element
}

function patchAttributes(element: Drawn, before: ViewElement | undefined, {attributes}: ViewElement): void {
  const known = before?.attributes ?? {}
  for (const name of Object.keys({...known, ...attributes}) as (keyof typeof attributes)[]) {
    const value = attributes[name]
    if (value === known[name]) continue
    if (value === undefined) element.removeAttribute(name)
    else element.setAttribute(name, String(value))
  }
}

/** One listener for each kind, for good: what it does is looked up in what the element shows then. */
function listen(element: Drawn, handlers: Handlers, dispatch: Dispatch): void {
  const now = (): Handlers => element.drawnFrom?.handlers ?? {}
  const tell = (action: Action | undefined): void => {
    if (action !== undefined) dispatch(action)
  }
  if (handlers.click !== undefined) element.addEventListener('click', () => tell(now().click?.()))
  if (handlers.input !== undefined) {
    element.addEventListener('input', () => tell(now().input?.((element as HTMLInputElement).value)))
  }
  if (handlers.submit !== undefined) {
    element.addEventListener('submit', event => {
      event.preventDefault()
      tell(now().submit?.(element.querySelector('input')?.value ?? ''))
    })
  }
}
