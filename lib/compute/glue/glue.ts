import { dpuOfWorker, type WorkerType } from '../billing.ts';
import type { ComputeKind } from '../kind.ts';
import { glueBilling } from './billing.ts';
import { glueStage, startJobRun } from './states.ts';

export interface GlueUse {
  jobArn: string;
}

/** A run of the pipeline's Glue job. */
export const glue: ComputeKind<GlueUse> = {
  title: 'Glue',
  network: false,
  onSpot: 'emr',
  states: { stage: glueStage, entrance: (stage) => stage.name },
  permissions: ({ jobArn }) => [
    {
      actions: ['glue:StartJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:BatchStopJobRun'],
      resources: [jobArn],
    },
  ],
  billing: glueBilling,
  laptop: {
    calls: {
      [startJobRun]: (given) => ({
        engine: Object.entries((given as { Arguments: Record<string, string> }).Arguments).flat(),
      }),
    },
    names: { GlueJob: 'millrace-engine' },
  },
  failure: {
    message: ({ ErrorMessage }) => (typeof ErrorMessage === 'string' ? ErrorMessage : undefined),
    log: () => undefined,
    jobRun: ({ Id }) => (typeof Id === 'string' ? Id : undefined),
    issue: (error, path) =>
      error === 'Glue.ConcurrentRunsExceededException'
        ? {
            code: 'MR703',
            path,
            message: 'the Glue job was busy with another run the whole time',
            hint: 'run again after the other run has ended: it continues where it stopped',
          }
        : undefined,
  },
  logGroups: ({ logs, job, encrypted }) => {
    // With a security configuration, Glue adds parts to the names of its log groups.
    const prefix = encrypted ? `${logs}/${job}-role/${job}` : logs;
    return [`${prefix}/output`, `${prefix}/error`];
  },
  used: { dpuSeconds },
};

/** Glue's report at the end of a job run. */
interface JobRun {
  /** Only with auto-scaling or Flex. */
  DPUSeconds?: number;
  ExecutionTime?: number;
  WorkerType?: string;
  NumberOfWorkers?: number;
}

function dpuSeconds(text: string): number | undefined {
  let run: JobRun;
  try {
    run = (JSON.parse(text) ?? {}) as JobRun;
  } catch {
    return undefined;
  }
  if (typeof run.DPUSeconds === 'number') return run.DPUSeconds;
  const { ExecutionTime: seconds, WorkerType: type = 'G.1X', NumberOfWorkers: workers } = run;
  if (typeof seconds !== 'number' || typeof workers !== 'number') return undefined;
  return seconds * workers * (dpuOfWorker[type as WorkerType] ?? 1);
}
