/** Compute kinds in the cloud. The same engine gives the same results on each; duration and price differ. */
export const computes = ['glue', 'emr', 'emr-serverless'] as const;

export type Compute = (typeof computes)[number];
