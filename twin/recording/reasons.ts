/** Why a role, or every role (`*`), keeps actions that the recording did not use. */
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
    why: 'no service that encrypts here calls it; it only describes the key',
  },
  {
    role: 'Engine',
    actions: ['kms:Encrypt'],
    why: 'AWS documents it as required for a Glue job with a security configuration, which the twin does not have',
  },
  {
    role: 'Engine',
    actions: ['s3:DeleteObject'],
    why: 'Delta deletes log entries that are 30 days old, only below the lake; here none is that old',
  },
  {
    role: 'Engine',
    actions: ['s3:AbortMultipartUpload'],
    why: 'used if the upload of a large file fails; none failed',
  },
  {
    role: 'Engine',
    actions: ['s3:ListBucket'],
    why: 'Spark lists the folders of raw files and of the Glue job; Sail reads the files by name',
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
    why: 'AWS documents it as required for a state machine that waits for a job',
  },
  { role: 'Machine', actions: logDelivery, why: 'Step Functions sets up its log under the role; the twin does not' },
  {
    role: 'Machine',
    actions: ['xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    why: 'Step Functions samples traces under the role; the twin has none',
  },
  {
    role: 'Landingchurninteractions',
    actions: [
      ...['kinesis:DescribeStream', 'kinesis:ListShards', 'kinesis:GetShardIterator', 'kinesis:GetRecords'],
      ...['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload', 's3:GetBucketLocation'],
      ...['s3:ListBucketMultipartUploads', 's3:ListBucket', 'kms:Decrypt', 'kms:GenerateDataKey', 'logs:PutLogEvents'],
    ],
    why: 'AWS documents them as required for Firehose, which reads, writes and logs under the role; the twin does so without one',
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
    why: 'Glue puts intermediate files there; the twin runs the engine without Glue',
  },
];
