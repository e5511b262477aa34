import { engineScript } from '../engine-script.ts';
import type { ComputeKind, JobReport } from '../kind.ts';
import { emrBilling } from './billing.ts';
import { type ClusterUse, usesClusters } from './permissions.ts';
import { clusterEntrance, clusterStage, emrCall, makesCluster, sharedCluster } from './states.ts';

/** A step on an EMR cluster: a transient cluster of the run, or the persistent one of the environment. */
export const emr: ComputeKind<ClusterUse> = {
  title: 'EMR',
  network: true,
  managed: 'glue',
  states: { stage: clusterStage, entrance: clusterEntrance, shared: sharedCluster },
  permissions: usesClusters,
  billing: emrBilling,
  laptop: {
    calls: {
      // On a laptop, the cluster is this machine.
      [emrCall('createCluster')]: () => ({ answer: { ClusterId: 'this-machine' } }),
      [emrCall('terminateCluster')]: () => ({ answer: {} }),
      [emrCall('addStep')]: (given) => {
        const { Args } = (given as { Step: { HadoopJarStep: { Args: string[] } } }).Step.HadoopJarStep;
        return { engine: Args.slice(Args.indexOf(engineScript) + 1) };
      },
    },
    names: { EngineScript: engineScript, PersistentCluster: 'none', EmrMaximumVcpus: '8' },
  },
  failure: {
    message: (job) => text(detailsOf(job)['Message'] ?? detailsOf(job)['Reason']),
    log: (job) => text(detailsOf(job)['LogFile']),
    jobRun: () => undefined,
    issue: () => undefined,
  },
  // Its nodes log to the artefacts bucket.
  logGroups: () => [],
  used: {
    clusterMade: (stage, state, output) =>
      state === makesCluster(stage) ? (JSON.parse(output) as { ClusterId?: string }).ClusterId : undefined,
  },
};

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

function detailsOf(job: JobReport): Record<string, unknown> {
  const { Step } = job as { Step?: { Status?: { FailureDetails?: Record<string, unknown> } } };
  return Step?.Status?.FailureDetails ?? {};
}
