import { CfnCluster } from 'aws-cdk-lib/aws-emr';
import { Construct } from 'constructs';
import {
  type ClusterConfiguration,
  clusterApplications,
  clusterConfigurations,
  computeLimits,
  coreFleet,
  emrRelease,
  type Fleet,
  idleSeconds,
  managedTag,
  prefixTag,
  primaryFleet,
  taskFleet,
} from '../../compute/emr/cluster.ts';
import { acknowledge } from '../acknowledge.ts';
import type { EmrEngine } from './emr-engine.ts';
import type { EmrGroupIds } from './emr-groups.ts';
import type { EmrRoles } from './emr-roles.ts';
import type { EmrSecurity } from './emr-security.ts';
import { madeAgainKey } from './made-again.ts';

export interface PersistentClusterProps {
  /** Runs find the cluster by this name. */
  name: string;
  prefix: string;
  subnetIds: readonly string[];
  groups: EmrGroupIds;
  roles: EmrRoles;
  security: EmrSecurity;
  engine: EmrEngine;
  /** `s3://bucket/prefix/`. */
  logs: string;
  /** Core and task nodes together. */
  maxVcpus: number;
  /** Another number makes another cluster in place of this one, which may have ended. */
  madeAgain?: number;
}

/** A cluster that outlives runs, with the same configuration as a transient one. It ends after an hour without a step. */
export class PersistentCluster extends Construct {
  readonly cluster: CfnCluster;

  constructor(scope: Construct, id: string, props: PersistentClusterProps) {
    super(scope, id);
    const { name, prefix, subnetIds, groups, roles, security, engine, logs, maxVcpus, madeAgain = 0 } = props;
    const { UnitType: unitType, ...limits } = computeLimits(maxVcpus);
    // Only another logical id replaces a cluster whose properties are the same.
    this.cluster = new CfnCluster(this, madeAgain === 0 ? 'Cluster' : `Cluster${madeAgain}`, {
      name,
      releaseLabel: emrRelease,
      applications: clusterApplications.map((application) => ({ name: application.Name })),
      configurations: clusterConfigurations.map(configuration),
      instances: {
        keepJobFlowAliveWhenNoSteps: true,
        terminationProtected: false,
        ec2SubnetIds: [...subnetIds],
        emrManagedMasterSecurityGroup: groups.primary,
        emrManagedSlaveSecurityGroup: groups.workers,
        serviceAccessSecurityGroup: groups.service,
        masterInstanceFleet: fleet(primaryFleet),
        coreInstanceFleet: fleet(coreFleet),
        taskInstanceFleets: [fleet(taskFleet)],
      },
      managedScalingPolicy: {
        computeLimits: {
          unitType,
          minimumCapacityUnits: limits.MinimumCapacityUnits,
          maximumCapacityUnits: limits.MaximumCapacityUnits,
          maximumOnDemandCapacityUnits: limits.MaximumOnDemandCapacityUnits,
          maximumCoreCapacityUnits: limits.MaximumCoreCapacityUnits,
        },
      },
      autoTerminationPolicy: { idleTimeout: idleSeconds.persistent },
      bootstrapActions: [
        { name: 'packages', scriptBootstrapAction: { path: engine.bootstrap, args: [engine.packages] } },
      ],
      serviceRole: roles.service.role.roleName,
      jobFlowRole: roles.profile.ref,
      securityConfiguration: security.configuration.ref,
      logUri: logs,
      // Steps of several pipelines run in parallel.
      stepConcurrencyLevel: 4,
      tags: [managedTag, { Key: prefixTag, Value: prefix }].map(({ Key: key, Value: value }) => ({ key, value })),
    });
    if (madeAgain > 0) this.cluster.addMetadata(madeAgainKey, madeAgain);
    this.cluster.node.addDependency(roles.service.policy, roles.nodes.policy);
    const nobody = 'nobody logs on to its nodes: steps arrive through EMR, which checks IAM';
    acknowledge(
      this.cluster,
      {
        rule: 'EMR4',
        in: ['AwsSolutions'],
        reason:
          'its disks are encrypted; the rule looks one level above EncryptionConfiguration, where EMR has no such setting',
      },
      {
        rule: 'EMR5',
        in: ['AwsSolutions'],
        reason:
          'encryption between nodes would need your own certificates; they only talk to each other, in private subnets',
      },
      { rule: 'EMR6', in: ['AwsSolutions'], reason: nobody },
      { rule: 'EMRKerberosEnabled', in: ['HIPAA.Security', 'PCI.DSS.321'], reason: nobody },
    );
  }
}

const configuration = ({
  Classification,
  Properties,
  Configurations,
}: ClusterConfiguration): CfnCluster.ConfigurationProperty => ({
  classification: Classification,
  configurationProperties: Properties,
  configurations: Configurations?.map(configuration),
});

function fleet(spec: Fleet): CfnCluster.InstanceFleetConfigProperty {
  const { OnDemandSpecification: onDemand, SpotSpecification: spot } = spec.LaunchSpecifications;
  return {
    name: spec.Name,
    targetOnDemandCapacity: spec.TargetOnDemandCapacity,
    targetSpotCapacity: spec.TargetSpotCapacity,
    instanceTypeConfigs: spec.InstanceTypeConfigs.map(({ InstanceType, WeightedCapacity }) => ({
      instanceType: InstanceType,
      weightedCapacity: WeightedCapacity,
    })),
    launchSpecifications: {
      onDemandSpecification: onDemand && { allocationStrategy: onDemand.AllocationStrategy },
      spotSpecification: spot && {
        allocationStrategy: spot.AllocationStrategy,
        timeoutAction: spot.TimeoutAction,
        timeoutDurationMinutes: spot.TimeoutDurationMinutes,
      },
    },
  };
}
