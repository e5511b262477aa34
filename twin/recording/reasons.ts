/** Why a role keeps what a recorded run didn't use: of a role, or of every role (`*`), by whole action. */
export interface Reason {
  role: string;
  actions: readonly string[];
  why: string;
}

const logDelivery = [
  ...['CreateLogDelivery', 'GetLogDelivery', 'UpdateLogDelivery', 'DeleteLogDelivery', 'ListLogDeliveries'],
  ...['PutResourcePolicy', 'DescribeResourcePolicies', 'DescribeLogGroups'],
].map((action) => `logs:${action}`);

export const reasons: readonly Reason[] = [
  {
    role: '*',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    why: 'the service sends traces under the role; the twin has none',
  },
  {
    role: '*',
    actions: ['kms:DescribeKey'],
    why: 'asked by none of the services that encrypt here; it tells of the key, and opens nothing',
  },
  {
    role: 'Engine',
    actions: ['kms:Encrypt'],
    why: 'AWS names it among what a Glue job with a security configuration has to have; the twin has no such configuration',
  },
  {
    role: 'Engine',
    actions: ['s3:DeleteObject'],
    why: 'Delta deletes log entries once they are 30 days old, below the lake only; here none is as old',
  },
  {
    role: 'Engine',
    actions: ['s3:AbortMultipartUpload'],
    why: 'of a large file whose upload failed; none did',
  },
  {
    role: 'Engine',
    actions: ['s3:ListBucket'],
    why: 'of raw files and of what Glue keeps for itself: Spark lists the folders, Sail reads the files of the order by name',
  },
  {
    role: 'Engine',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:AssociateKmsKey'],
    why: 'Glue writes and encrypts the log under the role; the twin has no such log',
  },
  {
    role: 'Engine',
    actions: ['cloudwatch:PutMetricData'],
    why: 'Glue publishes metrics of Spark under the role; here Sail computes',
  },
  {
    role: 'Machine',
    actions: ['glue:GetJobRuns'],
    why: 'AWS names it among what a machine has to have that waits for a job',
  },
  { role: 'Machine', actions: logDelivery, why: 'Step Functions sets up its log under the role; the twin does not' },
  {
    role: 'Machine',
    actions: ['xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    why: 'Step Functions samples traces under the role; the twin has none',
  },
];

/** Why a statement keeps a resource that no call reached. */
export interface UnreachedReason {
  role: string;
  /** Part of the resource. */
  resource: string;
  why: string;
}

export const unreachedReasons: readonly UnreachedReason[] = [
  {
    role: 'Engine',
    resource: '/temporary/',
    why: 'where Glue is told to put intermediate files; the twin runs the engine without Glue',
  },
];
