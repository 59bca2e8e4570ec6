/** Times as Disco writes them. */

const two = (value: number): string => String(value).padStart(2, '0')

/** `2014/10/27 12:00:00`, in the zone of this machine. */
export function localTime(ms: number): string {
  const at = new Date(ms)
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('/')
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`
}
