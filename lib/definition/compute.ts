/** Where a stage can run in the cloud. The same engine does the same there; time and price differ. */
export const computes = ['glue', 'emr', 'emr-serverless'] as const;

export type Compute = (typeof computes)[number];
