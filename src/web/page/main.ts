/** The page's shell: clock, timers, requests, the token, the document. What is shown is made in `view/`. */
import {messageOf} from '../../base/index.ts'
import {pollMs, pollRestFactor, pollTimeoutMs, tickMs} from '../../ui/monitor/limits.ts'
import {requestOf} from '../../ui/monitor/monitor-after.ts'
import type {Action} from '../view/actions.ts'
import {startWebModel, type WebModel, webAfter} from '../view/model.ts'
import {announcementOf, pageView, titleOf} from '../view/page.ts'
import {openApi, RefusedError} from './api.ts'
import {patchChildren} from './patch.ts'

/** Rules run every few minutes: looking more often finds nothing new. Milliseconds. */
const rulesEveryMs = 5000

/** Of this tab, until it is closed. */
const tokenKey = 'disco-token'

/** As servers write them: anything else cannot stand in a header. */
const tokenPattern = /^[\x21-\x7e]{1,512}$/

function run(root: HTMLElement, announcer: HTMLElement): void {
  const nowMs = Date.now()
  const token = (): string | undefined => sessionStorage.getItem(tokenKey) ?? undefined
  const api = openApi(token)
  let model: WebModel = startWebModel({
    nowMs,
    zoneOffsetMinutes: new Date(nowMs).getTimezoneOffset(),
    hasToken: token() !== undefined,
  })
  let nextLookMs = 0
  let nextRulesMs = 0
  let isLooking = false

  const dispatch = (action: Action): void => {
    if (action.type === 'token-given') {
      const text = action.token.trim()
      if (!tokenPattern.test(text)) {
        dispatch({type: 'refused', text: 'that is not written as a token is'})
        return
      }
      sessionStorage.setItem(tokenKey, text)
    }
    if (action.type === 'token-forgotten' || action.type === 'refused') sessionStorage.removeItem(tokenKey)
    if (action.type === 'token-given' || action.type === 'paused') nextLookMs = nextRulesMs = 0
    const wasAsking = model.refusal !== undefined
    model = webAfter(model, action)
    draw()
    if (!wasAsking && model.refusal !== undefined) document.getElementById('token')?.focus()
    if (action.type === 'job-picked') document.getElementById('job')?.focus()
    if (model.monitor.isPollWanted || nextLookMs === 0) void look()
  }

  const draw = (): void => {
    patchChildren(root, pageView(model), dispatch)
    document.title = titleOf(model)
    const said = announcementOf(model)
    if (announcer.textContent !== said) announcer.textContent = said
  }

  /** Looks never overlap, and none is made that nobody would see. */
  const look = async (): Promise<void> => {
    const isIdle = isLooking || model.refusal !== undefined || document.hidden
    if (isIdle || (model.isPaused && !model.monitor.isPollWanted)) return
    isLooking = true
    const startedMs = Date.now()
    nextLookMs = Infinity
    const usedToken = token()
    const signal = AbortSignal.timeout(pollTimeoutMs)
    const isCurrent = (): boolean => token() === usedToken
    const request = requestOf(model.monitor)
    model = {...model, monitor: {...model.monitor, isPollWanted: false}}
    try {
      const snapshot = await api.source.poll(request, signal)
      if (isCurrent()) dispatch({type: 'snapshot', snapshot, nowMs: Date.now()})
      if (isCurrent() && Date.now() >= nextRulesMs) {
        nextRulesMs = Date.now() + rulesEveryMs
        const rules = await api.rules(signal)
        if (isCurrent()) dispatch({type: 'rules', rules})
      }
    } catch (error) {
      if (isCurrent()) dispatch(failureOf(error, signal))
    } finally {
      isLooking = false
      const {connection} = model.monitor
      const restMs = Math.max(pollMs, (Date.now() - startedMs) * pollRestFactor)
      nextLookMs = connection.state === 'lost' ? connection.retryAtMs : Date.now() + restMs
      if (model.monitor.isPollWanted || !isCurrent()) nextLookMs = 0
    }
  }

  document.addEventListener('visibilitychange', () => void look())
  setInterval(() => {
    if (model.refusal !== undefined || document.hidden) return
    if (model.monitor.connection.state === 'lost' && !model.isPaused) dispatch({type: 'tick', nowMs: Date.now()})
    if (Date.now() >= nextLookMs) void look()
  }, tickMs / 4)
  draw()
  void look()
}

function failureOf(error: unknown, signal: AbortSignal): Action {
  if (error instanceof RefusedError) return {type: 'refused', text: error.message}
  const reason = signal.aborted ? `nothing came within ${pollTimeoutMs / 1000} s` : messageOf(error)
  return {type: 'failed', reason, nowMs: Date.now()}
}

const root = document.getElementById('root')
const announcer = document.getElementById('announcer')
if (root !== null && announcer !== null) run(root, announcer)
