/** Partition keys of the tables in DynamoDB. Each names the pipeline after its kind, so a role can be limited to the items of one pipeline. */
export const partitionKeys = {
  bookmarks: (pipeline: string) => `bookmarks#${pipeline}`,
  trigger: (pipeline: string) => `trigger#${pipeline}`,
  event: (pipeline: string, event: string) => `event#${pipeline}#${event}`,
  response: (pipeline: string) => `response#${pipeline}`,
  coolDown: (pipeline: string) => `cool-down#${pipeline}`,
  audit: (pipeline: string) => `audit#${pipeline}`,
  model: (pipeline: string, model: string) => `model#${pipeline}#${model}`,
} as const;

/** The partition keys of a pipeline in each table, as patterns of IAM. */
export const keysOf: Readonly<Record<'bookmarks' | 'runs' | 'registry', (pipeline: string) => string[]>> = {
  bookmarks: (pipeline) => [partitionKeys.bookmarks(pipeline)],
  runs: (pipeline) => [
    partitionKeys.trigger(pipeline),
    partitionKeys.event(pipeline, '*'),
    partitionKeys.response(pipeline),
    partitionKeys.coolDown(pipeline),
    partitionKeys.audit(pipeline),
  ],
  registry: (pipeline) => [partitionKeys.model(pipeline, '*')],
};
