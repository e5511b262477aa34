import { type Billed, type Billing, type ComputeSizes, vcpusOfInstance } from '../billing.ts';
import { coreFleet, type Fleet, idleSeconds, primaryFleet, primaryMemoryGb, taskFleet } from './cluster.ts';

/**
 * The initial fleets of a cluster. While work waits, EMR adds spot nodes up to the environment's `maxVcpus`: a large run is then
 * shorter, at about the same price.
 */
export function emrBilling({ cluster }: ComputeSizes): Billing {
  const executorCores = [coreFleet, taskFleet].reduce((sum, fleet) => sum + capacityOf(fleet), 0);
  const nodes = [primaryFleet, coreFleet, taskFleet].reduce((sum, fleet) => sum + nodesOf(billed(fleet)), 0);
  const spot = nodesOf(billed(taskFleet));
  return {
    name: 'EMR',
    size: `${nodes} instances`,
    assumed: `${cluster === 'persistent' ? 'a persistent' : 'a'} cluster of ${nodes} instances, ${spot} of them spot`,
    billed: [primaryFleet, coreFleet, taskFleet].map(billed),
    leastSeconds: 60,
    madeSeconds: { low: 240, expected: 300, high: 600 },
    ...(cluster === 'persistent' && { idleEndSeconds: idleSeconds.persistent }),
    driver: { name: 'primary node', cores: Math.min(...primaryCores), memoryGb: primaryMemoryGb },
    executorCores,
  };
}

type Instances = Extract<Billed, { market: string }>;

/** The number of instances if each is of the smallest type. */
const nodesOf = ({ capacity, weights }: Instances): number => Math.ceil(capacity / Math.min(...Object.values(weights)));

const primaryCores = primaryFleet.InstanceTypeConfigs.map(({ InstanceType }) => vcpusOfInstance[InstanceType]);

const capacityOf = (fleet: Fleet) => fleet.TargetOnDemandCapacity + fleet.TargetSpotCapacity;

const billed = (fleet: Fleet): Instances => ({
  market: fleet.TargetSpotCapacity > 0 ? 'spot' : 'on-demand',
  weights: Object.fromEntries(
    fleet.InstanceTypeConfigs.map(({ InstanceType, WeightedCapacity }) => [InstanceType, WeightedCapacity]),
  ),
  capacity: capacityOf(fleet),
});
