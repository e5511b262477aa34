import { type Permission, passesRole } from '../../permissions/permission.ts';
import { engineScript } from '../engine-script.ts';
import type { ComputeKind } from '../kind.ts';
import { waitsBy } from '../waiting.ts';
import { serverlessStage, startJobRun, worker, workersAtStart } from './states.ts';

export interface JobUse {
  applicationArn: string;
  roleArn: string;
  /** ARN of an EventBridge rule. */
  ruleArn(name: string): string;
}

/** Billed units of EMR Serverless. */
export const serverlessUnits = ['emrServerlessVcpuHour', 'emrServerlessGbHour'] as const;

/** A job of the pipeline's EMR Serverless application, which starts and stops automatically. */
export const emrServerless: ComputeKind<JobUse> = {
  title: 'EMR Serverless',
  network: false,
  states: { stage: serverlessStage, entrance: (stage) => stage.name },
  permissions: usesJobs,
  billing: () => {
    const { vcpus, memoryGb } = worker;
    const workers = 1 + workersAtStart;
    return {
      name: 'EMR Serverless',
      size: `${workers * vcpus} vCPUs`,
      assumed: `${workers} workers of ${vcpus} vCPUs and ${memoryGb} GB`,
      billed: [
        { unit: 'emrServerlessVcpuHour', count: workers * vcpus },
        { unit: 'emrServerlessGbHour', count: workers * memoryGb },
      ],
      leastSeconds: 60,
      driver: { name: 'driver', cores: vcpus, memoryGb },
      executorCores: workersAtStart * vcpus,
    };
  },
  laptop: {
    calls: {
      [startJobRun]: (given) => ({
        engine: (given as { JobDriver: { SparkSubmit: { EntryPointArguments: string[] } } }).JobDriver.SparkSubmit
          .EntryPointArguments,
      }),
    },
    names: { EngineScript: engineScript },
  },
  failure: {
    message: ({ StateDetails }) => (typeof StateDetails === 'string' ? StateDetails : undefined),
    log: () => undefined,
    jobRun: () => undefined,
    issue: () => undefined,
  },
  // Its jobs log to the artefacts bucket.
  logGroups: () => [],
  used: {},
};

function usesJobs({ applicationArn, roleArn, ruleArn }: JobUse): Permission[] {
  return [
    { actions: ['emr-serverless:StartJobRun'], resources: [applicationArn] },
    {
      actions: ['emr-serverless:GetJobRun', 'emr-serverless:CancelJobRun', 'emr-serverless:TagResource'],
      resources: [`${applicationArn}/jobruns/*`],
      why: 'jobs of its application, which get their names when they start',
    },
    passesRole(roleArn, 'emr-serverless.amazonaws.com'),
    waitsBy([ruleArn('StepFunctionsGetEventsForEMRServerlessJobRule')]),
  ];
}
