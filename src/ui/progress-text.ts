/** The words of a progress display, the same on a screen and in plain lines. */
import {formatBytes, groupDigits} from '../base/index.ts'
import type {Phase, ProgressModel} from './progress-model.ts'

export const phaseNames: Readonly<Record<Phase, string>> = {scan: 'reading', merge: 'merging', write: 'writing'}

/** `0.4 s`, `12 s`, `3 m 05 s`, `2 h 07 m`: as exact as a person needs. */
export function durationText(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} m ${twoDigits(seconds % 60)} s`
  return `${groupDigits(Math.floor(minutes / 60))} h ${twoDigits(minutes % 60)} m`
}

/** `61 MB/s` */
export function speedText(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`
}

/** ` 53 %`, three digits wide; 100 only when nothing is left. */
export function percentText(fraction: number): string {
  const percent = fraction >= 1 ? 100 : Math.min(99, Math.floor(fraction * 100))
  return `${String(percent).padStart(3)} %`
}

/** `410 MB of 760 MB`, or what is known of it. */
export function bytesText({bytesDone, bytesTotal}: ProgressModel): string {
  return bytesTotal === null ? formatBytes(bytesDone) : `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`
}

/** Records, speed, time left and bad lines, as far as known. */
export function numberTexts({records, bytesPerSecond, etaMs, bad}: ProgressModel): string[] {
  const texts = [`${groupDigits(records)} record${records === 1 ? '' : 's'}`]
  if (bytesPerSecond !== null) texts.push(speedText(bytesPerSecond))
  if (etaMs !== null) texts.push(`${durationText(etaMs)} left`)
  if (bad > 0) texts.push(`${groupDigits(bad)} bad`)
  return texts
}

/** One plain line: `reading  53 % · 410 MB of 760 MB · 5,123,456 records · 310 MB/s · 1.1 s left · 10 bad`. */
export function progressLine(model: ProgressModel): string {
  const {phase, fraction} = model
  const head =
    phase === 'scan' && fraction !== null ? `${phaseNames[phase]} ${percentText(fraction)}` : phaseNames[phase]
  return [head, bytesText(model), ...numberTexts(model)].join(' · ')
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
