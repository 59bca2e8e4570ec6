/** The results as a Markdown table. */
import {machineLine, writeSection} from '../ddfs/table.mjs'

export function table(results, {command}) {
  const lines = results.map(row).join('\n')
  const head = '| what | figure | beside it | speed, peer = 1 | goal |\n| --- | ---: | --- | ---: | --- |'
  return `${machineLine()}\n\n    ${command}\n\n${head}\n${lines}\n`
}

export const writeTable = text => writeSection('Jobs', 'jobs table', text)

function row({what, value, beside = '', ours, sizeMb, peer, peers, told = ''}) {
  if (ours === undefined) return `| ${what} | ${value} | ${beside} | | ${told} |`
  const ratio = (median(peers).seconds / median(ours).seconds).toFixed(2)
  return `| ${what} | ${timeText(ours, sizeMb)} | ${peer}: ${timeText(peers, sizeMb)} | ${ratio} | ${told} |`
}

function timeText(list, sizeMb) {
  const {seconds, cpu} = median(list)
  return `${seconds.toFixed(1)} s (${cpu.toFixed(1)} s CPU), ${Math.round(sizeMb / seconds)} MB/s`
}

function median(list) {
  return list.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(list.length / 2)]
}
