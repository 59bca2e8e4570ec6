/** What a field's name says about its use. Only a hint: it decides where the values alone leave it open. */

/** The words of the last name of a path: `user.adId` is `ad id`. */
function wordsOf(path: string): string {
  const name = path.slice(path.lastIndexOf('.') + 1)
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase()
    .trim()
}

const idWords = /\b(?:id|ids|uuid|guid|key|code|zip|zipcode|postcode|phone|hash|session|number|num|no|port|pid)$/
const codeWords =
  /\b(?:status|type|kind|level|version|year|month|week|weekday|day|hour|minute|class|category|rank|code)$/
const timeWords =
  /\b(?:time|times|timestamp|stamp|ts|date|datetime|at|when|created|updated|start|started|end|ended|epoch)\b/
const placeWords = /\b(?:lat|lon|lng|latitude|longitude)$/

/** An identifier: adding it up says nothing. */
export const isIdName = (path: string): boolean => idWords.test(wordsOf(path))
/** A number that stands for a kind of thing, such as an HTTP status. */
export const isCodeName = (path: string): boolean => codeWords.test(wordsOf(path))
export const isTimeName = (path: string): boolean => timeWords.test(wordsOf(path))
export const isPlaceName = (path: string): boolean => placeWords.test(wordsOf(path))
