/** The resource of a Task that calls this integration of Step Functions, in any partition of AWS. */
export const integration = (name: string): string => `arn:\${Partition}:states:::${name}`;
