import type { GlueUse } from '../../compute/glue/glue.ts';
import { acknowledge } from '../../constructs/acknowledge.ts';
import { SparkJob } from '../../constructs/pipeline/spark-job.ts';
import { engineMay } from '../../permissions/engine.ts';
import type { BuiltCompute, ComputeSite } from './site.ts';

/** The Glue job of a pipeline. */
export function buildGlue(site: ComputeSite): BuiltCompute<GlueUse> {
  const { stack, environment, plan, key, names, pipelineNames, arns, engineFolder, planObject } = site;
  const encrypted = !environment.lacks?.includes('AWS::Glue::SecurityConfiguration');
  const { job } = new SparkJob(stack, 'Engine', {
    jobName: pipelineNames.job,
    engineFolder,
    workerType: environment.workers.type,
    maxWorkers: environment.workers.max,
    executionClass: environment.glue.executionClass,
    timeoutMinutes: Math.ceil(Math.max(...plan.stages.map((stage) => stage.timeoutSeconds)) / 60),
    permissions: [...engineMay(plan, arns), planObject],
    encrypted,
    temporary: `s3://${names.bucket('artefacts')}/temporary/`,
    key,
    logPrefix: pipelineNames.logs('engine'),
    logDays: environment.retentionDays.logs,
  });
  if (!encrypted)
    for (const rule of ['GL1', 'GL3']) {
      acknowledge(job, { rule, in: ['AwsSolutions'], reason: 'the emulator has no security configurations of Glue' });
    }
  return { substitutions: { GlueJob: pipelineNames.job }, use: { jobArn: arns.job }, before: job };
}
