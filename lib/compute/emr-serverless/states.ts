import { maxResultSize } from '../billing.ts';
import { integration } from '../integration.ts';
import type { StageRequest, States } from '../kind.ts';
import { caught, final, onceMore, transient } from '../retries.ts';
import { environmentTag } from '../tags.ts';

export const startJobRun = integration('emr-serverless:startJobRun.sync');

/** Size of driver and executors. Spark requests a tenth more memory than its heap, which the service rounds up to this. */
export const worker = { vcpus: 4, memoryGb: 16, heapGb: 14 };

/** Initial executors of a job; Spark adds more while tasks wait, up to the application's capacity. */
export const workersAtStart = 3;

const errors = ['EMRServerless', 'EmrServerless'].flatMap((service) =>
  ['ThrottlingException', 'InternalServerException', 'ConflictException', 'SdkClientException'].map(
    (error) => `${service}.${error}`,
  ),
);

/** Spark parameters of a job: Delta's jars, and the engine's Python packages, which the service unpacks on driver and executors. */
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
    ...['driver', 'executor'].flatMap((role) => [
      `spark.${role}.cores=${worker.vcpus}`,
      `spark.${role}.memory=${worker.heapGb}g`,
    ]),
    `spark.driver.maxResultSize=${maxResultSize(worker.memoryGb)}`,
    // The service's default, set explicitly so that the forecast counts the same number.
    `spark.dynamicAllocation.initialExecutors=${workersAtStart}`,
  ].map((setting) => `--conf ${setting}`),
].join(' ');

/** A stage as a job of an EMR Serverless application. */
export function serverlessStage({ plan, stage, engine, next, afterFault }: StageRequest): States {
  return {
    [stage.name]: {
      Type: 'Task',
      Resource: startJobRun,
      Arguments: {
        Name: `{% '${plan.pipeline} ${stage.name} ' & $order.run %}`,
        ApplicationId: '${EmrApplication}',
        ExecutionRoleArn: '${EmrJobRole}',
        ExecutionTimeoutMinutes: Math.ceil(stage.timeoutSeconds / 60),
        JobDriver: {
          SparkSubmit: {
            EntryPoint: '${EngineScript}',
            EntryPointArguments: Object.entries(engine).flat(),
            SparkSubmitParameters: sparkParameters,
          },
        },
        ConfigurationOverrides: {
          MonitoringConfiguration: { S3MonitoringConfiguration: { LogUri: '${EmrLogs}' } },
        },
        // A job does not take over the tags of its application.
        Tags: { [environmentTag]: '${Environment}', 'millrace:pipeline': plan.pipeline },
      },
      TimeoutSeconds: stage.timeoutSeconds,
      Retry: [final, transient(errors, 15), onceMore],
      Catch: [{ ...caught, Next: afterFault }],
      Next: next,
    },
  };
}
