import { integration } from '../integration.ts';
import type { StageRequest, States } from '../kind.ts';
import { caught, final, onceMore, transient } from '../retries.ts';

export const startJobRun = integration('glue:startJobRun.sync');

const errors = ['ConcurrentRunsExceeded', 'InternalService', 'OperationTimeout', 'Throttling', 'SdkClient'].map(
  (error) => `Glue.${error}Exception`,
);

/** A stage as a run of the pipeline's Glue job. */
export const glueStage = ({ stage, engine, next, afterFault }: StageRequest): States => ({
  [stage.name]: {
    Type: 'Task',
    Resource: startJobRun,
    Arguments: { JobName: '${GlueJob}', Arguments: engine },
    TimeoutSeconds: stage.timeoutSeconds,
    Retry: [final, transient(errors, 30), onceMore],
    Catch: [{ ...caught, Next: afterFault }],
    Next: next,
  },
});
