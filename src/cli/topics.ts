/** The topics of the tool, by name, with what help says of them. A topic is also a name that the tool is installed under. */
export interface Topic {
  readonly description: string
}

/** In the order in which help shows them. */
export const topics: Readonly<Record<string, Topic>> = {
  inferno: {description: 'Rules: from log lines to small tables'},
  disco: {description: 'Jobs on a cluster of machines'},
  ddfs: {description: 'Files kept on several machines, found by tags'},
}

export const topicNames: readonly string[] = Object.keys(topics)
