/** The resource of a Task that calls this integration of Step Functions, in any partition of AWS. */
export const integration = (name: string): string => `arn:\${Partition}:states:::${name}`;

/** A document of Step Functions with its integrations in one partition, such as `aws`. */
export const inPartition = <Document>(document: Document, partition: string): Document =>
  JSON.parse(JSON.stringify(document).replaceAll('${Partition}', partition)) as Document;
