import type { GlueUse } from '../../compute/glue/glue.ts';
import { SparkJob } from '../../constructs/pipeline/spark-job.ts';
import { engineMay } from '../../permissions/engine.ts';
import type { BuiltCompute, ComputeSite } from './site.ts';

/** The Glue job of a pipeline. */
export function buildGlue(site: ComputeSite): BuiltCompute<GlueUse> {
  const { stack, environment, plan, key, names, pipelineNames, arns, engineFolder, planObject } = site;
  const { job } = new SparkJob(stack, 'Engine', {
    jobName: pipelineNames.job,
    engineFolder,
    workerType: environment.workers.type,
    maxWorkers: environment.workers.max,
    executionClass: environment.glue.executionClass,
    timeoutMinutes: Math.ceil(Math.max(...plan.stages.map((stage) => stage.timeoutSeconds)) / 60),
    permissions: [...engineMay(plan, arns), planObject],
    encrypted: !environment.lacks?.includes('AWS::Glue::SecurityConfiguration'),
    temporary: `s3://${names.bucket('artefacts')}/temporary/`,
    key,
    logPrefix: pipelineNames.logs('engine'),
    logDays: environment.retentionDays.logs,
  });
  return { substitutions: { GlueJob: pipelineNames.job }, use: { jobArn: arns.job }, before: job };
}
