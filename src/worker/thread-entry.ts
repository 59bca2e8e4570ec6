/** Where the code of a scanning thread is: beside this file, as source in a checkout's tests and as a bundle in the product. */
export function threadEntry(): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./scan-thread.${ending}`, import.meta.url)
}
