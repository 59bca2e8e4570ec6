/** What the pinned Node has and the compiler's library does not declare yet. */
interface JSON {
  /** A value that `JSON.stringify` writes as these very characters; `text` must be a JSON scalar. */
  rawJSON(text: string): unknown
}
