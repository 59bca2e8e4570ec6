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

/** Words within a topic that have commands below them, as its help shows them. */
export const innerTopics: Readonly<Record<string, Topic>> = {
  'inferno:archive': {description: 'What archiving rules have done, and how it is done again'},
  'inferno:runs': {description: 'One run of the daemon in full'},
  'disco:oob': {description: 'One value that a task of a job put out of band'},
  'disco:token': {description: 'The tokens of the cluster: make, list and revoke them'},
}

export const topicNames: readonly string[] = Object.keys(topics)
