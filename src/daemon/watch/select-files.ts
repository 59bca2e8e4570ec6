import {matchesGlob} from 'node:path/posix'

/**
 * Which files are followed: by glob on the name (on the path in the folder, if the glob has a `/`), and by `match` on the
 * name. A copy that rotation makes of a followed file is not asked.
 */
export function compileSelection(patterns: readonly string[], match: RegExp | undefined): (path: string) => boolean {
  return path => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const isMatched = match === undefined || match.test(name)
    if (!isMatched || patterns.length === 0) return isMatched
    return patterns.some(pattern => {
      if (pattern.includes('/')) return matchesGlob(path, pattern)
      return matchesGlob(name, pattern) || matchesGlob(name.replace(/\.(gz|zst)$/, ''), pattern)
    })
  }
}
