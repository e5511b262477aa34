import type { Plan, Stage } from '../plan/schema.ts';
import { caught, final, onceMore, transient } from './retries.ts';

const errors = ['EMRServerless', 'EmrServerless'].flatMap((service) =>
  ['ThrottlingException', 'InternalServerException', 'ConflictException', 'SdkClientException'].map(
    (error) => `${service}.${error}`,
  ),
);

/** Of a job: Delta's jars, and the engine's Python packages, which the service unpacks beside driver and executors. */
const sparkParameters = [
  '--py-files ${EngineModules}',
  ...[
    'spark.jars=/usr/share/aws/delta/lib/delta-spark.jar,/usr/share/aws/delta/lib/delta-storage.jar',
    'spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension',
    'spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog',
    'spark.archives=${EmrPackages}#packages',
    ...['spark.emr-serverless.driverEnv', 'spark.executorEnv'].flatMap((env) => [
      `${env}.PYSPARK_PYTHON=/usr/bin/python3.11`,
      `${env}.PYTHONPATH=./packages`,
    ]),
    // By it the engine knows that the session is the service's.
    'spark.emr-serverless.driverEnv.SPARK_MASTER=yarn',
    'spark.driver.cores=4',
    'spark.driver.memory=14g',
    'spark.executor.cores=4',
    'spark.executor.memory=14g',
  ].map((setting) => `--conf ${setting}`),
].join(' ');

/** A stage as a job of an application, which starts and stops by itself. */
export function serverlessStage(
  plan: Plan,
  stage: Stage,
  engine: Record<string, string>,
  next: string,
  afterFault: string,
): Record<string, unknown> {
  return {
    [stage.name]: {
      Type: 'Task',
      Resource: 'arn:aws:states:::emr-serverless:startJobRun.sync',
      Arguments: {
        Name: `{% '${plan.pipeline} ${stage.name} ' & $order.run %}`,
        ApplicationId: '${EmrApplication}',
        ExecutionRoleArn: '${EmrJobRole}',
        ExecutionTimeoutMinutes: Math.ceil(stage.timeoutSeconds / 60),
        JobDriver: {
          SparkSubmit: {
            EntryPoint: '${EngineScript}',
            EntryPointArguments: Object.entries({ '--engine': 'spark', ...engine }).flat(),
            SparkSubmitParameters: sparkParameters,
          },
        },
        ConfigurationOverrides: {
          MonitoringConfiguration: { S3MonitoringConfiguration: { LogUri: '${EmrLogs}' } },
        },
        Tags: { 'millrace:pipeline': plan.pipeline },
      },
      TimeoutSeconds: stage.timeoutSeconds,
      Retry: [final, transient(errors, 15), onceMore],
      Catch: [{ ...caught, Next: afterFault }],
      Next: next,
    },
  };
}
