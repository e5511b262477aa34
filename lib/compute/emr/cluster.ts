import { type InstanceType, maxResultSize, vcpusOfInstance } from '../billing.ts';

/** The configuration of clusters, both transient and persistent. */

/** Spark 3.5.6, Delta 3.3.2 and Python 3.11, the same as Glue 5.1 and the laptop's `--engine spark`. */
export const emrRelease = 'emr-7.12.0';

export interface Fleet {
  Name: string;
  InstanceFleetType: 'MASTER' | 'CORE' | 'TASK';
  TargetOnDemandCapacity: number;
  TargetSpotCapacity: number;
  InstanceTypeConfigs: { InstanceType: InstanceType; WeightedCapacity: number }[];
  LaunchSpecifications: {
    OnDemandSpecification?: { AllocationStrategy: 'lowest-price' };
    SpotSpecification?: {
      AllocationStrategy: 'price-capacity-optimized';
      TimeoutAction: 'SWITCH_TO_ON_DEMAND';
      TimeoutDurationMinutes: number;
    };
  };
}

export const primaryFleet: Fleet = {
  Name: 'primary',
  InstanceFleetType: 'MASTER',
  TargetOnDemandCapacity: 1,
  TargetSpotCapacity: 0,
  // One node of any type; it runs the driver, including training.
  InstanceTypeConfigs: types((vcpus) => (vcpus > 4 ? undefined : 1)),
  LaunchSpecifications: { OnDemandSpecification: { AllocationStrategy: 'lowest-price' } },
};

/** Memory of the smallest primary node. */
export const primaryMemoryGb = 16;

/** vCPUs of core nodes. They hold HDFS, so they are never spot. */
const coreVcpus = 8;

export const coreFleet: Fleet = {
  Name: 'core',
  InstanceFleetType: 'CORE',
  TargetOnDemandCapacity: coreVcpus,
  TargetSpotCapacity: 0,
  InstanceTypeConfigs: types((vcpus) => vcpus),
  LaunchSpecifications: { OnDemandSpecification: { AllocationStrategy: 'lowest-price' } },
};

export const taskFleet: Fleet = {
  Name: 'task',
  InstanceFleetType: 'TASK',
  TargetOnDemandCapacity: 0,
  TargetSpotCapacity: 8,
  InstanceTypeConfigs: types((vcpus) => vcpus),
  LaunchSpecifications: {
    SpotSpecification: {
      AllocationStrategy: 'price-capacity-optimized',
      TimeoutAction: 'SWITCH_TO_ON_DEMAND',
      TimeoutDurationMinutes: 10,
    },
  },
};

function types(units: (vcpus: number) => number | undefined) {
  return Object.entries(vcpusOfInstance).flatMap(([type, vcpus]) => {
    const WeightedCapacity = units(vcpus);
    return WeightedCapacity === undefined ? [] : [{ InstanceType: type as InstanceType, WeightedCapacity }];
  });
}

/** Limits of managed scaling; everything beyond the core nodes is spot. `maximum` in vCPUs. */
export const computeLimits = <Maximum>(maximum: Maximum) => ({
  UnitType: 'InstanceFleetUnits',
  MinimumCapacityUnits: coreVcpus,
  MaximumCapacityUnits: maximum,
  MaximumOnDemandCapacityUnits: coreVcpus,
  MaximumCoreCapacityUnits: coreVcpus,
});

/** Idle seconds after which a cluster terminates automatically. */
export const idleSeconds = { transient: 900, persistent: 3600 };

export const clusterApplications = [{ Name: 'Spark' }];

export interface ClusterConfiguration {
  Classification: string;
  Properties?: Record<string, string>;
  Configurations?: { Classification: string; Properties: Record<string, string> }[];
}

/** Settings of Spark and YARN: the engine's Python, Delta, and decommissioning of nodes. */
export const clusterConfigurations: ClusterConfiguration[] = [
  {
    Classification: 'spark-defaults',
    Properties: {
      'spark.dynamicAllocation.enabled': 'true',
      'spark.driver.maxResultSize': maxResultSize(primaryMemoryGb),
      // A reclaimed node migrates its shuffle files while it can.
      'spark.decommission.enabled': 'true',
      'spark.storage.decommission.enabled': 'true',
      'spark.storage.decommission.rddBlocks.enabled': 'true',
      'spark.storage.decommission.shuffleBlocks.enabled': 'true',
      // Spot gives two minutes' notice; the node counts as gone after this many seconds.
      'spark.decommissioning.timeout.threshold': '100',
      'spark.blacklist.decommissioning.enabled': 'true',
      'spark.resourceManager.cleanupExpiredHost': 'true',
      // A fetch failure because of a lost node does not count as a stage failure.
      'spark.stage.attempt.ignoreOnDecommissionFetchFailure': 'true',
      'spark.task.maxFailures': '10',
      'spark.stage.maxConsecutiveAttempts': '10',
      'spark.sql.extensions': 'io.delta.sql.DeltaSparkSessionExtension',
      'spark.sql.catalog.spark_catalog': 'org.apache.spark.sql.delta.catalog.DeltaCatalog',
    },
  },
  {
    Classification: 'spark-env',
    Configurations: [{ Classification: 'export', Properties: { PYSPARK_PYTHON: '/usr/bin/python3.11' } }],
  },
  { Classification: 'delta-defaults', Properties: { 'delta.enabled': 'true' } },
  {
    Classification: 'yarn-site',
    Properties: { 'yarn.resourcemanager.nodemanager-graceful-decommission-timeout-secs': '600' },
  },
];

/** A tag of every cluster; permissions on clusters require it. */
export const managedTag = { Key: 'for-use-with-amazon-emr-managed-policies', Value: 'true' };

/** Key of the tag with the environment's prefix, on every cluster. */
export const prefixTag = 'millrace:prefix';
