/** The second part of a job's name as Disco makes it: the time in three hexadecimal numbers. */

/** `586:64640:1e240`: megaseconds, seconds, microseconds. @param microseconds - since 1970 */
export function discoStamp(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1e6)
  return [Math.floor(seconds / 1e6), seconds % 1e6, Math.floor(microseconds % 1e6)]
    .map(part => part.toString(16))
    .join(':')
}

export const isDiscoStamp = (text: string): boolean => /^[0-9a-f]{1,8}:[0-9a-f]{1,5}:[0-9a-f]{1,5}$/.test(text)
