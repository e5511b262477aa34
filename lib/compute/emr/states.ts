import { issueMark } from '../../documents/issue-line.ts';
import type { Plan, Stage } from '../../plan/schema.ts';
import { integration } from '../integration.ts';
import type { Shared, StageRequest, States } from '../kind.ts';
import { caught, final, onceMore, transient } from '../retries.ts';
import { environmentTag } from '../tags.ts';
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

/** MR730 as an issue line, which Step Functions itself writes. */
const notStarted = `{% '${issueMark}' & $string({'issues': [{'code': 'MR730', 'path': 'EMR', 'message':
  'no cluster could be started for this run: ' & $states.errorOutput.Cause,
  'hint': 'run again later, or raise the EC2 quotas of the account'}]}) %}`.replaceAll('\n ', '');

/** Maximum seconds for a cluster to start: the spot timeout, provisioning and the bootstrap. */
const startSeconds = 2700;
const endSeconds = 900;

/** The state that releases a cluster after any failure. */
const clusterLeft = 'Cluster left?';

/** Initial variables of a machine with stages on EMR: no cluster. */
const noCluster = { cluster: '', made: false };

export const emrCall = (action: string) => integration(`elasticmapreduce:${action}.sync`);

/** Both prefixes occur in Step Functions' names of EMR errors. */
const emrErrors = ['ElasticMapReduce', 'EMR'].flatMap((service) =>
  ['ThrottlingException', 'InternalServerException', 'InternalServerError', 'SdkClientException'].map(
    (error) => `${service}.${error}`,
  ),
);
const throttled = transient(emrErrors, 15);

/**
 * A stage as a step on a cluster: the persistent cluster, if it is alive; the one that an earlier stage of this run started; or a new
 * one, which `sharedCluster` terminates.
 */
export function clusterStage({ plan, stage, engine, next, afterFault }: StageRequest): States {
  const titled = (what: string) => `${stage.name} ${what}`;
  const fault = { ...caught, Next: afterFault };
  return {
    [titled('on which cluster?')]: {
      Type: 'Choice',
      Choices: [
        { Condition: "{% $cluster != '' %}", Next: stage.name },
        { Condition: "{% '${PersistentCluster}' != 'none' %}", Next: titled('finds the cluster') },
      ],
      Default: makesCluster(stage),
    },
    // By name, because a cluster that ended or was replaced has another id.
    [titled('finds the cluster')]: {
      Type: 'Task',
      Resource: integration('aws-sdk:emr:listClusters'),
      Arguments: { ClusterStates: ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING'] },
      Assign: {
        cluster:
          "{% ($found := $states.result.Clusters[Name = '${PersistentCluster}'][0].Id; $exists($found) ? $found : '') %}",
      },
      TimeoutSeconds: 60,
      Retry: [transient(['Emr.EmrException', 'Emr.SdkClientException', ...emrErrors], 5)],
      Catch: [fault],
      Next: titled('found one?'),
    },
    [titled('found one?')]: {
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
      // A cluster without capacity has ended; another zone, or a later attempt, may have some.
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

/** Name of the state that starts a cluster. */
export const makesCluster = (stage: Stage) => `${stage.name} makes a cluster`;

/** Name of the first state of a stage. */
export const clusterEntrance = (stage: Stage) => `${stage.name} on which cluster?`;

/** After the last stage on a cluster: terminates the cluster if this run started it. */
function release(next: string): { entrance: string; states: States } {
  return {
    entrance: 'Done with the cluster?',
    states: {
      'Done with the cluster?': {
        Type: 'Choice',
        Choices: [{ Condition: '{% $made %}', Next: 'End the cluster' }],
        Default: next,
      },
      // A cluster that cannot be terminated ends when idle; the run itself still succeeds.
      'End the cluster': ending(next),
    },
  };
}

/** After an error, on the way to Abort. */
const releaseAfterFault = (next: string): States => ({
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
  release,
  afterFault: clusterLeft,
  releaseAfterFault,
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
      // EMR chooses the subnet with the most capacity.
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
    Tags: [
      managedTag,
      { Key: prefixTag, Value: '${EmrPrefix}' },
      { Key: environmentTag, Value: '${Environment}' },
      { Key: 'millrace:pipeline', Value: plan.pipeline },
    ],
  };
}
