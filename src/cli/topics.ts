/** The topics of the tool. A topic is also a name the tool is installed under, and stays one while it has no commands. */
export interface Topic {
  readonly description: string
  /** What to say when the topic has no commands in this version; a sentence without its capital and full stop. */
  readonly whenEmpty: string
}

const comesWithTheCluster = (topic: string): string =>
  `the ${topic} commands come with the cluster, which this version does not have yet; ` +
  'what works today is rules over files on this machine: disco-inferno inferno --help'

/** In the order in which help shows them. */
export const topics: Readonly<Record<string, Topic>> = {
  inferno: {description: 'Rules: from log lines to small tables', whenEmpty: 'there are no inferno commands'},
  disco: {description: 'Jobs on a cluster of machines', whenEmpty: comesWithTheCluster('disco')},
  ddfs: {description: 'Files kept on several machines, found by tags', whenEmpty: comesWithTheCluster('ddfs')},
}

export const topicNames: readonly string[] = Object.keys(topics)
