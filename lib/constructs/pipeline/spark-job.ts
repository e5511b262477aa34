import path from 'node:path';
import { Aws, Stack } from 'aws-cdk-lib';
import { CfnJob, CfnSecurityConfiguration } from 'aws-cdk-lib/aws-glue';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { maxResultSize, memoryGbOfWorker, type WorkerType } from '../../compute/billing.ts';
import type { Permission } from '../../permissions/permission.ts';
import type { Stage } from '../../plan/schema.ts';
import { lockedVersions, pinnedPackages } from '../locked-versions.ts';
import { serviceLogs } from '../service-logs.ts';
import { ServiceRole } from '../service-role.ts';

export interface SparkJobProps {
  jobName: string;
  /** Folder with `main.py`, the package `engine`, `requirements.txt` and `requirements-glue-5.1.txt`. */
  engineFolder: string;
  workerType: WorkerType;
  /** Maximum for auto-scaling; Glue requires at least 2. */
  maxWorkers: number;
  /** `flex` runs on spare capacity and does not queue for it. */
  executionClass: 'standard' | 'flex';
  /** Timeout of the longest stage. */
  timeoutMinutes: number;
  permissions: readonly Permission[];
  /** Location for Glue's intermediate files, `s3://bucket/prefix/`. */
  temporary: string;
  key: IKey;
  /** Whether Glue encrypts its logs and intermediate files with the key; default true. */
  encrypted?: boolean;
  /** Prefix of the names of the job's log groups. */
  logPrefix: string;
  logDays: RetentionDays;
}

/** Packages that the engine imports. XGBoost imports scipy. */
const importedModules = ['matplotlib', 'numpy', 'orjson', 'pandas', 'pyarrow', 'scipy', 'xgboost-cpu'];

/** Those that Glue lacks, as the laptop has them. */
function addedModules(engineFolder: string): string[] {
  const provided = pinnedPackages(path.join(engineFolder, 'requirements-glue-5.1.txt'));
  const lacking = importedModules.filter((name) => !provided.has(name));
  return lockedVersions(path.join(engineFolder, 'requirements.txt'), lacking);
}

/** The Glue job for all stages of a pipeline; the stage is an argument of the run. */
export class SparkJob extends Construct {
  readonly job: CfnJob;
  readonly role: ServiceRole;
  /** The engine's output: its events, one JSON document per line. */
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
    // With a security configuration, Glue derives the group names from prefix, configuration and role.
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
          why: 'streams of its log groups, which get their names when they are created',
        },
        {
          actions: ['cloudwatch:PutMetricData'],
          resources: ['*'],
          conditions: { StringEquals: { 'cloudwatch:namespace': 'Glue' } },
          why: 'CloudWatch supports no resources for metrics; the namespace restricts them',
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
      maxRetries: 0, // the state machine retries, and knows which errors to retry
      timeout: props.timeoutMinutes,
      executionProperty: { maxConcurrentRuns: 1 },
      securityConfiguration: encryption?.name,
      defaultArguments: {
        '--engine': 'glue' satisfies Stage['compute'],
        '--region': region,
        '--extra-py-files': engine.s3ObjectUrl,
        '--additional-python-modules': addedModules(engineFolder).join(','),
        // Glue has their other dependencies; pip would install other versions over them.
        '--python-modules-installer-option': '--no-deps',
        '--datalake-formats': 'delta',
        '--conf': sparkConfiguration(props.workerType).join(' --conf '),
        '--enable-auto-scaling': 'true',
        '--enable-metrics': 'true',
        '--enable-observability-metrics': 'true',
        // Spark's event logs, for its history server; the engine stores the totals of each task's stages beside the run.
        '--enable-spark-ui': 'true',
        '--spark-event-logs-path': `${props.temporary}spark-events/${jobName}/`,
        '--enable-continuous-cloudwatch-log': 'true',
        '--custom-logGroup-prefix': logPrefix,
        '--job-bookmark-option': 'job-bookmark-disable', // Millrace has its own bookmarks
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

const sparkConfiguration = (workerType: WorkerType) => [
  // The engine queries the Spark UI on the driver.
  'spark.ui.enabled=true',
  `spark.driver.maxResultSize=${maxResultSize(memoryGbOfWorker(workerType))}`,
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
