/** Where what is done is kept: the archived name of a tag, and rules that would hide blobs from one another (spec 10). */
import {sourceTagsOf} from '../rule-sources.ts'
import type {Rule} from '../types.ts'

/** First part of an archived name when the rule says nothing. */
const archivePrefixDefault = 'processed'

export const archivePrefixOf = ({options}: Rule): string => options.archiveTagPrefix ?? archivePrefixDefault

/** The first part replaced: `incoming:data:2012-12-01` is `processed:data:2012-12-01`; a lone part becomes the prefix alone. */
export function archivedName(tag: string, prefix: string): string {
  const colon = tag.indexOf(':')
  return colon < 0 ? prefix : prefix + tag.slice(colon)
}

/** Whether a tag is an archive of that prefix: its first part is it (D36). */
export function isArchive(tag: string, prefix: string): boolean {
  return tag === prefix || tag.startsWith(`${prefix}:`)
}

export interface NamedRule {
  /** `module.rule` */
  readonly name: string
  readonly rule: Rule
}

export interface ArchiveClash {
  /** `module.rule`, two of them. */
  readonly rules: readonly [one: string, other: string]
  readonly text: string
}

/**
 * Pairs of archiving rules that share archived names (D37): what one has done the other never sees.
 *
 * @param rules - all of a project, in any order
 */
export function archiveClashes(rules: readonly NamedRule[]): readonly ArchiveClash[] {
  const archiving = rules.filter(({rule}) => rule.options.archive === true)
  return archiving.flatMap((one, index) =>
    archiving.slice(index + 1).flatMap(other => {
      const prefix = archivePrefixOf(one.rule)
      if (one.rule === other.rule || prefix !== archivePrefixOf(other.rule)) return []
      const shared = sharedTag(one.rule, other.rule, prefix)
      return shared === undefined
        ? []
        : [
            {
              rules: [one.name, other.name] as const,
              text: `${one.name} and ${other.name} both keep what they have done under ${shared}: blobs that one has read the other never reads; give each an archiveTagPrefix of its own`,
            },
          ]
    }),
  )
}

function sharedTag(one: Rule, other: Rule, prefix: string): string | undefined {
  const namesOf = (rule: Rule): string[] =>
    sourceTagsOf(rule)
      .filter(tag => !isArchive(tag, prefix))
      .map(tag => archivedName(tag, prefix))
  const others = namesOf(other)
  for (const name of namesOf(one)) {
    const shared = others.find(text => text.startsWith(name) || name.startsWith(text))
    if (shared !== undefined) return shared.length < name.length ? name : shared
  }
  return undefined
}
