import path from 'node:path';
import { Aws, Stack } from 'aws-cdk-lib';
import { CfnJob, CfnSecurityConfiguration } from 'aws-cdk-lib/aws-glue';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { WorkerType } from '../../compute/billing.ts';
import type { Permission } from '../../permissions/permission.ts';
import type { Stage } from '../../plan/schema.ts';
import { lockedVersions } from '../locked-versions.ts';
import { serviceLogs } from '../service-logs.ts';
import { ServiceRole } from '../service-role.ts';

export interface SparkJobProps {
  jobName: string;
  /** Folder with `main.py`, the package `engine` and `requirements.txt`. */
  engineFolder: string;
  workerType: WorkerType;
  /** Auto-scaling stays below it; the least that Glue takes is 2. */
  maxWorkers: number;
  /** `flex` runs on spare capacity, which Glue does not queue for. */
  executionClass: 'standard' | 'flex';
  /** Of the longest stage. */
  timeoutMinutes: number;
  permissions: readonly Permission[];
  /** Where Glue may put intermediate files, `s3://bucket/prefix/`. */
  temporary: string;
  key: IKey;
  /** Whether Glue itself encrypts its logs and intermediate files with the key; yes, unless told. */
  encrypted?: boolean;
  /** Leads the names of the job's log groups. */
  logPrefix: string;
  logDays: RetentionDays;
}

/** What the engine imports that Glue 5.1 does not bring. */
const addedModules = ['xgboost-cpu', 'orjson'];

/** The Glue job that every stage of a pipeline runs on; which stage is an argument of the run. */
export class SparkJob extends Construct {
  readonly job: CfnJob;
  readonly role: ServiceRole;
  /** What the engine prints: its events, one JSON document a line. */
  readonly output: LogGroup;
  readonly errors: LogGroup;

  constructor(scope: Construct, id: string, props: SparkJobProps) {
    super(scope, id);
    const { jobName, engineFolder, key, executionClass, logPrefix, encrypted = true } = props;
    const { region, account, partition } = Stack.of(this);
    const script = new Asset(this, 'Script', { path: path.join(engineFolder, 'main.py') });
    const engine = new Asset(this, 'Engine', {
      path: engineFolder,
      exclude: ['*', '!engine', '!engine/**', '**/__pycache__', '**/*.pyc'],
    });

    const encryption = encrypted ? encryptedBy(this, jobName, key) : undefined;
    // With its own encryption, Glue makes the groups' names of its parts: prefix, configuration, role.
    const groups = encryption === undefined ? logPrefix : `${logPrefix}/${jobName}-role/${jobName}`;
    const logs = (stream: string) => ({ logGroupName: `${groups}/${stream}`, key, days: props.logDays });
    this.output = serviceLogs(this, 'Output', logs('output'));
    this.errors = serviceLogs(this, 'Errors', logs('error'));

    const group = (stream: string) => `arn:${partition}:logs:${region}:${account}:log-group:${groups}/${stream}:*`;
    const asset = ({ s3BucketName, s3ObjectKey }: Asset) => `arn:${partition}:s3:::${s3BucketName}/${s3ObjectKey}`;
    this.role = new ServiceRole(this, 'Service', {
      service: 'glue.amazonaws.com',
      roleName: jobName,
      permissions: [
        ...props.permissions,
        { actions: ['s3:GetObject'], resources: [asset(script), asset(engine)] },
        { actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'], resources: [key.keyArn] },
        {
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:AssociateKmsKey'],
          resources: [group('output'), group('error')],
          why: 'the streams of its own log groups, which have no names before they exist',
        },
        {
          actions: ['cloudwatch:PutMetricData'],
          resources: ['*'],
          conditions: { StringEquals: { 'cloudwatch:namespace': 'Glue' } },
          why: 'CloudWatch lets no metric be named; the namespace bounds it',
        },
      ],
    });

    this.job = new CfnJob(this, 'Job', {
      name: jobName,
      description: 'The Millrace engine: runs one stage of a pipeline',
      role: this.role.role.roleArn,
      glueVersion: '5.1',
      command: { name: 'glueetl', pythonVersion: '3', scriptLocation: script.s3ObjectUrl },
      workerType: props.workerType,
      numberOfWorkers: props.maxWorkers,
      executionClass: executionClass === 'flex' ? 'FLEX' : 'STANDARD',
      jobRunQueuingEnabled: executionClass === 'standard',
      maxRetries: 0, // the state machine tries again, and knows which faults are worth it
      timeout: props.timeoutMinutes,
      executionProperty: { maxConcurrentRuns: 1 },
      securityConfiguration: encryption?.name,
      defaultArguments: {
        '--engine': 'glue' satisfies Stage['compute'],
        '--extra-py-files': engine.s3ObjectUrl,
        '--additional-python-modules': lockedVersions(path.join(engineFolder, 'requirements.txt'), addedModules).join(
          ',',
        ),
        // What these need, Glue has; pip would put other versions over it.
        '--python-modules-installer-option': '--no-deps',
        '--datalake-formats': 'delta',
        '--conf': sparkConfiguration.join(' --conf '),
        '--enable-auto-scaling': 'true',
        '--enable-metrics': 'true',
        '--enable-observability-metrics': 'true',
        // What Spark tells of its executors, for its history server; of a task's stages the engine keeps the sums beside the run.
        '--enable-spark-ui': 'true',
        '--spark-event-logs-path': `${props.temporary}spark-events/${jobName}/`,
        '--enable-continuous-cloudwatch-log': 'true',
        '--custom-logGroup-prefix': logPrefix,
        '--job-bookmark-option': 'job-bookmark-disable', // the bookmarks know what was read
        '--TempDir': props.temporary,
      },
    });
    if (encryption !== undefined) this.job.addResourceDependency(encryption);
    for (const logGroup of [this.output, this.errors]) this.job.node.addDependency(logGroup);
  }

  get arn(): string {
    return `arn:${Aws.PARTITION}:glue:${Stack.of(this).region}:${Stack.of(this).account}:job/${this.job.name}`;
  }
}

const sparkConfiguration = [
  // The engine asks it, on the driver.
  'spark.ui.enabled=true',
  'spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension',
  'spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog',
];

function encryptedBy(scope: Construct, name: string, { keyArn: kmsKeyArn }: IKey): CfnSecurityConfiguration {
  return new CfnSecurityConfiguration(scope, 'Encryption', {
    name,
    encryptionConfiguration: {
      cloudWatchEncryption: { cloudWatchEncryptionMode: 'SSE-KMS', kmsKeyArn },
      jobBookmarksEncryption: { jobBookmarksEncryptionMode: 'CSE-KMS', kmsKeyArn },
      s3Encryptions: [{ s3EncryptionMode: 'SSE-KMS', kmsKeyArn }],
    },
  });
}
