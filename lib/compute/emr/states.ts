import { issueMark } from '../../documents/issue-line.ts';
import type { Plan, Stage } from '../../plan/schema.ts';
import type { Shared, StageRequest, States } from '../kind.ts';
import { caught, final, onceMore, transient } from '../retries.ts';
import {
  clusterApplications,
  clusterConfigurations,
  computeLimits,
  coreFleet,
  emrRelease,
  idleSeconds,
  managedTag,
  prefixTag,
  primaryFleet,
  taskFleet,
} from './cluster.ts';

/** MR730 as issues in one line, which Step Functions itself writes. */
const notStarted = `{% '${issueMark}' & $string({'issues': [{'code': 'MR730', 'path': 'EMR', 'message':
  'no cluster came up for this run: ' & $states.errorOutput.Cause,
  'hint': 'run again later, or raise the EC2 quotas of the account'}]}) %}`.replaceAll('\n ', '');

/** Seconds that a cluster may take to come up: the spot timeout, provisioning and the bootstrap. */
const startSeconds = 2700;
const endSeconds = 900;

/** Where a run goes to let go of a cluster, whatever failed. */
const clusterLeft = 'Cluster left?';

/** What a machine with stages on EMR knows from the start: no cluster. */
const noCluster = { cluster: '', made: false };

export const emrCall = (action: string) => `arn:aws:states:::elasticmapreduce:${action}.sync`;

/** Step Functions' name for an error of EMR has been seen with either. */
const emrErrors = ['ElasticMapReduce', 'EMR'].flatMap((service) =>
  ['ThrottlingException', 'InternalServerException', 'InternalServerError', 'SdkClientException'].map(
    (error) => `${service}.${error}`,
  ),
);
const throttled = transient(emrErrors, 15);

/**
 * A stage as a step on a cluster: the persistent one, while it lives; the one that an earlier stage of this run made; or one made now,
 * which `sharedCluster` ends.
 */
export function clusterStage({ plan, stage, engine, next, afterFault }: StageRequest): States {
  const of = (what: string) => `${stage.name} ${what}`;
  const fault = { ...caught, Next: afterFault };
  return {
    [of('on which cluster?')]: {
      Type: 'Choice',
      Choices: [
        { Condition: "{% $cluster != '' %}", Next: stage.name },
        { Condition: "{% '${PersistentCluster}' != 'none' %}", Next: of('finds the cluster') },
      ],
      Default: makesCluster(stage),
    },
    // By its name: one that ended idle, or was replaced, has another id, or none that is alive.
    [of('finds the cluster')]: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:emr:listClusters',
      Arguments: { ClusterStates: ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING'] },
      Assign: {
        cluster:
          "{% ($found := $states.result.Clusters[Name = '${PersistentCluster}'][0].Id; $exists($found) ? $found : '') %}",
      },
      TimeoutSeconds: 60,
      Retry: [transient(['Emr.EmrException', 'Emr.SdkClientException', ...emrErrors], 5)],
      Catch: [fault],
      Next: of('found one?'),
    },
    [of('found one?')]: {
      Type: 'Choice',
      Choices: [{ Condition: "{% $cluster != '' %}", Next: stage.name }],
      Default: makesCluster(stage),
    },
    [makesCluster(stage)]: {
      Type: 'Task',
      Resource: emrCall('createCluster'),
      Arguments: clusterRequest(plan),
      Assign: { cluster: '{% $states.result.ClusterId %}', made: true },
      TimeoutSeconds: startSeconds,
      // A cluster that found no capacity has ended; somewhere else, or a little later, there may be some.
      Retry: [throttled, { ...onceMore, IntervalSeconds: 120 }],
      Catch: [
        {
          ErrorEquals: ['States.ALL'],
          Assign: {
            fault: {
              Error: '{% $states.errorOutput.Error %}',
              Cause: notStarted,
            },
          },
          Next: afterFault,
        },
      ],
      Next: stage.name,
    },
    [stage.name]: {
      Type: 'Task',
      Resource: emrCall('addStep'),
      Arguments: {
        ClusterId: '{% $cluster %}',
        Step: {
          Name: `{% '${plan.pipeline} ${stage.name} ' & $order.run %}`,
          ActionOnFailure: 'CONTINUE',
          HadoopJarStep: {
            Jar: 'command-runner.jar',
            Args: [
              ...['spark-submit', '--deploy-mode', 'client', '--py-files', '${EngineModules}', '${EngineScript}'],
              ...Object.entries(engine).flat(),
            ],
          },
        },
      },
      TimeoutSeconds: stage.timeoutSeconds,
      Retry: [final, throttled, onceMore],
      Catch: [fault],
      Next: next,
    },
  };
}

/** The state that makes a cluster, where there is none. */
export const makesCluster = (stage: Stage) => `${stage.name} makes a cluster`;

/** The state that leads to a stage's step. */
export const clusterEntrance = (stage: Stage) => `${stage.name} on which cluster?`;

/** After the last stage on a cluster: what this run made, it ends. */
function lettingGo(next: string): { entrance: string; states: States } {
  return {
    entrance: 'Done with the cluster?',
    states: {
      'Done with the cluster?': {
        Type: 'Choice',
        Choices: [{ Condition: '{% $made %}', Next: 'End the cluster' }],
        Default: next,
      },
      // A cluster that can't be told to end does so when it has idled; what the run did is no worse for it.
      'End the cluster': ending(next),
    },
  };
}

/** After a fault, on the way to Abort. */
const lettingGoAfterFault = (next: string): States => ({
  [clusterLeft]: {
    Type: 'Choice',
    Choices: [{ Condition: '{% $made %}', Next: 'End the cluster after a fault' }],
    Default: next,
  },
  'End the cluster after a fault': ending(next),
});

/** The cluster that the stages of one run share. */
export const sharedCluster: Shared = {
  nothingHeld: noCluster,
  seconds: startSeconds + endSeconds,
  release: lettingGo,
  afterFault: clusterLeft,
  releaseAfterFault: lettingGoAfterFault,
};

function ending(next: string) {
  return {
    Type: 'Task',
    Resource: emrCall('terminateCluster'),
    Arguments: { ClusterId: '{% $cluster %}' },
    Assign: noCluster,
    TimeoutSeconds: endSeconds,
    Retry: [throttled, onceMore],
    Catch: [{ ErrorEquals: ['States.ALL'], Assign: noCluster, Next: next }],
    Next: next,
  };
}

function clusterRequest(plan: Plan) {
  return {
    Name: `{% '\${EmrClusters}-' & $order.run %}`,
    ReleaseLabel: emrRelease,
    Applications: clusterApplications,
    Configurations: clusterConfigurations,
    Instances: {
      KeepJobFlowAliveWhenNoSteps: true,
      TerminationProtected: false,
      // EMR takes the one with the most capacity.
      Ec2SubnetIds: "{% $split('${EmrSubnets}', ',') %}",
      EmrManagedMasterSecurityGroup: '${EmrPrimaryGroup}',
      EmrManagedSlaveSecurityGroup: '${EmrWorkerGroup}',
      ServiceAccessSecurityGroup: '${EmrServiceGroup}',
      InstanceFleets: [primaryFleet, coreFleet, taskFleet],
    },
    ManagedScalingPolicy: { ComputeLimits: computeLimits("{% $number('${EmrMaximumVcpus}') %}") },
    AutoTerminationPolicy: { IdleTimeout: idleSeconds.transient },
    BootstrapActions: [
      { Name: 'packages', ScriptBootstrapAction: { Path: '${EmrBootstrap}', Args: ['${EmrPackages}'] } },
    ],
    ServiceRole: '${EmrServiceRole}',
    JobFlowRole: '${EmrInstanceProfile}',
    SecurityConfiguration: '${EmrSecurity}',
    LogUri: '${EmrLogs}',
    Tags: [managedTag, { Key: prefixTag, Value: '${EmrPrefix}' }, { Key: 'millrace:pipeline', Value: plan.pipeline }],
  };
}
