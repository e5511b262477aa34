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

const keyUse = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'];

export const reasons: readonly Reason[] = [
  {
    role: '*',
    actions: keyUse,
    why: 'S3, DynamoDB and SQS ask KMS in the name of the role; the twin encrypts nothing by its keys',
  },
  {
    role: '*',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    why: 'the service writes the log under the role; the twin writes it from within',
  },
  {
    role: '*',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    why: 'the service sends traces under the role; the twin has none',
  },
  {
    role: '*',
    actions: ['sqs:SendMessage'],
    why: 'Lambda puts events that failed to the last into the dead-letter queue under the role; none failed',
  },
  {
    role: 'Trigger',
    actions: ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'].map(
      (a) => `sqs:${a}`,
    ),
    why: 'Lambda polls the queue of arrivals under the role; the twin polls from within',
  },
  {
    role: 'Trigger',
    actions: ['states:DescribeExecution'],
    why: 'asked where an event finds a run that began before it, which may have died; both runs found none',
  },
  {
    role: 'Bookmarks',
    actions: ['states:DescribeExecution'],
    why: 'asked where a claim of another run stands in the way, to see whether that run lives; none stood',
  },
  {
    role: 'Respond',
    actions: ['states:StartExecution', 'states:DescribeExecution', 'dynamodb:GetItem'],
    why: 'to retrain, and to see how an alarm delivered twice was answered; the alarm of the recording rolls back, once',
  },
  {
    role: 'Respond',
    actions: ['dynamodb:DeleteItem'],
    why: 'to take back a cool-down whose action failed; none failed',
  },
  {
    role: 'Respond',
    actions: ['dynamodb:Query'],
    why: 'of the table of runs: nothing in the code asks for it, so it is to be taken away',
  },
  { role: 'Respond', actions: ['sns:Publish'], why: 'to notify; the alarm of the recording rolls back' },
  {
    role: 'Quality',
    actions: ['s3:ListBucket'],
    why: 'without it S3 says of an object that is not there that it may not be read; all were there',
  },
  {
    role: 'Engine',
    actions: ['s3:GetObjectVersion'],
    why: 'nothing in the engine asks for a version, so it is to be taken away',
  },
  {
    role: 'Engine',
    actions: ['s3:DeleteObject', 's3:AbortMultipartUpload'],
    why: 'the files of a failed or repeated write, and of Spark before it commits; no write failed, and here Sail computes',
  },
  {
    role: 'Engine',
    actions: ['s3:ListBucket'],
    why: 'Spark lists the folders of inputs and its temporary ones; Sail reads the files of the order by name',
  },
  {
    role: 'Engine',
    actions: ['logs:AssociateKmsKey'],
    why: 'Glue encrypts its log group under the role; the twin has no such log',
  },
  {
    role: 'Engine',
    actions: ['cloudwatch:PutMetricData'],
    why: 'Glue publishes metrics of Spark under the role; here Sail computes',
  },
  {
    role: 'Machine',
    actions: [
      ...['StartJobRun', 'GetJobRun', 'GetJobRuns', 'BatchStopJobRun'].map((action) => `glue:${action}`),
      'lambda:InvokeFunction',
    ],
    why: 'Step Functions calls under the role; the twin calls from within, past IAM. Each of its Tasks did run',
  },
  { role: 'Machine', actions: logDelivery, why: 'Step Functions sets up its log under the role; the twin does not' },
  {
    role: 'Machine',
    actions: ['xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    why: 'Step Functions samples traces under the role; the twin has none',
  },
];
