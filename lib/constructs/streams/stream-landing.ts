import { Stack } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type LogGroup, LogStream, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { serviceLogs } from '../service-logs.ts';
import { ServiceRole } from '../service-role.ts';

export interface StreamLandingProps {
  deliveryStreamName: string;
  /** The source stream. Only records put after the landing exists are landed. */
  stream: IStream;
  bucketName: string;
  /** Folder for files; and folder for records that could not be landed. Both end in `/`, and neither contains the other. */
  folder: string;
  errorFolder: string;
  /** The record field whose day groups the records; by default the day of arrival. */
  partitionBy?: string;
  /** A file is written after this time (60 to 900 s) or size (64 to 128 MiB). */
  buffer: { seconds: number; mebibytes: number };
  key: IKey;
  logGroupName: string;
  logDays: RetentionDays;
}

/**
 * The Firehose delivery stream, which writes the records of a stream as files of JSON lines. The day begins the file name and is not a
 * folder, because sources are listed without subfolders. By the day of arrival, Firehose parses nothing, so invalid JSON lands too.
 */
export class StreamLanding extends Construct {
  readonly delivery: CfnDeliveryStream;
  readonly role: ServiceRole;
  readonly logs: LogGroup;

  constructor(scope: Construct, id: string, props: StreamLandingProps) {
    super(scope, id);
    const { stream, folder, errorFolder, partitionBy, buffer, key } = props;
    this.logs = serviceLogs(this, 'Logs', { logGroupName: props.logGroupName, key, days: props.logDays });
    const logStream = new LogStream(this, 'LogStream', { logGroup: this.logs, logStreamName: 'delivery' });
    this.role = landingRole(this, props);
    const roleArn = this.role.role.roleArn;
    this.delivery = new CfnDeliveryStream(this, 'Delivery', {
      deliveryStreamName: props.deliveryStreamName,
      deliveryStreamType: 'KinesisStreamAsSource',
      kinesisStreamSourceConfiguration: { kinesisStreamArn: stream.streamArn, roleArn },
      extendedS3DestinationConfiguration: {
        bucketArn: bucketArn(this, props.bucketName),
        roleArn,
        // Without a time expression, Firehose may add hourly folders.
        prefix:
          partitionBy === undefined
            ? `${folder}!{timestamp:yyyy-MM-dd}-`
            : `${folder}!{partitionKeyFromQuery:day}-!{timestamp:HH}-`,
        errorOutputPrefix: `${errorFolder}!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/`,
        fileExtension: '.json',
        compressionFormat: 'UNCOMPRESSED',
        bufferingHints: { intervalInSeconds: buffer.seconds, sizeInMBs: buffer.mebibytes },
        encryptionConfiguration: { kmsEncryptionConfig: { awskmsKeyArn: key.keyArn } },
        processingConfiguration: {
          enabled: true,
          processors: [
            ...(partitionBy === undefined ? [] : [dayExtraction(partitionBy)]),
            { type: 'AppendDelimiterToRecord', parameters: [{ parameterName: 'Delimiter', parameterValue: '\\n' }] },
          ],
        },
        ...(partitionBy !== undefined && {
          dynamicPartitioningConfiguration: { enabled: true, retryOptions: { durationInSeconds: 300 } },
        }),
        cloudWatchLoggingOptions: {
          enabled: true,
          logGroupName: this.logs.logGroupName,
          logStreamName: logStream.logStreamName,
        },
      },
    });
    acknowledge(this.delivery, {
      rule: 'KDF1',
      in: ['AwsSolutions'],
      reason:
        'its source stream is encrypted; AWS accepts the setting only for records that are put to Firehose directly',
    });
  }
}

/** Extracts and checks the day: a slash in the text would create a folder, which no source reads. Invalid days go to the error folder. */
function dayExtraction(column: string): CfnDeliveryStream.ProcessorProperty {
  const query = `{day: .[${JSON.stringify(column)}][0:10] | strptime("%Y-%m-%d") | strftime("%Y-%m-%d")}`;
  return {
    type: 'MetadataExtraction',
    parameters: [
      { parameterName: 'MetadataExtractionQuery', parameterValue: query },
      { parameterName: 'JsonParsingEngine', parameterValue: 'JQ-1.6' },
    ],
  };
}

function landingRole(scope: StreamLanding, props: StreamLandingProps): ServiceRole {
  const { partition, region, account } = Stack.of(scope);
  const bucket = bucketArn(scope, props.bucketName);
  const folders = [props.folder, props.errorFolder];
  return new ServiceRole(scope, 'Service', {
    service: 'firehose.amazonaws.com',
    permissions: [
      {
        actions: ['kinesis:DescribeStream', 'kinesis:ListShards', 'kinesis:GetShardIterator', 'kinesis:GetRecords'],
        resources: [props.stream.streamArn],
      },
      {
        actions: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'],
        resources: folders.map((folder) => `${bucket}/${folder}*`),
        why: 'files of its folders, which Firehose names',
      },
      { actions: ['s3:GetBucketLocation', 's3:ListBucketMultipartUploads'], resources: [bucket] },
      {
        actions: ['s3:ListBucket'],
        resources: [bucket],
        conditions: { StringLike: { 's3:prefix': folders.map((folder) => `${folder}*`) } },
      },
      { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [props.key.keyArn] },
      {
        actions: ['logs:PutLogEvents'],
        resources: [`arn:${partition}:logs:${region}:${account}:log-group:${props.logGroupName}:log-stream:delivery`],
      },
    ],
  });
}

const bucketArn = (scope: Construct, name: string) => `arn:${Stack.of(scope).partition}:s3:::${name}`;
