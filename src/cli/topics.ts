/** The topics of the tool. A topic is also a name the tool is installed under, and stays one while it has no commands. */
export interface Topic {
  readonly description: string
  /** What to say when the topic has no commands in this version; a sentence without its capital and full stop. */
  readonly whenEmpty: string
}

/** In the order in which help shows them. */
export const topics: Readonly<Record<string, Topic>> = {
  inferno: {description: 'Rules: from log lines to small tables', whenEmpty: 'there are no inferno commands'},
  disco: {description: 'Jobs on a cluster of machines', whenEmpty: 'there are no disco commands'},
  ddfs: {description: 'Files kept on several machines, found by tags', whenEmpty: 'there are no ddfs commands'},
}

export const topicNames: readonly string[] = Object.keys(topics)
