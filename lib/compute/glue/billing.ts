import {
  type Billing,
  type ComputeSizes,
  dpuOfWorker,
  isMemoryOptimised,
  memoryGbOfWorker,
  type WorkerType,
} from '../billing.ts';

/** Billed units of Glue. */
export const glueUnits = ['glueDpuHour', 'glueFlexDpuHour', 'glueMemoryDpuHour'] as const;

/** The unit in which its DPU are billed. */
export const glueUnit = ({
  workerType,
  flex,
}: Pick<ComputeSizes, 'workerType' | 'flex'>): (typeof glueUnits)[number] =>
  flex ? 'glueFlexDpuHour' : isMemoryOptimised(workerType) ? 'glueMemoryDpuHour' : 'glueDpuHour';

const vcpusOfDpu = 4;

/** DPU of all workers together. */
export const dpuOf = ({ workers, workerType }: ComputeSizes): number => workers * dpuOfWorker[workerType];

/** The maximum number of workers that auto-scaling may use. */
export function glueBilling(sizes: ComputeSizes): Billing {
  const { workers, workerType, flex } = sizes;
  const dpu = dpuOfWorker[workerType];
  return {
    name: flex ? 'Glue Flex' : 'Glue',
    size: `${dpuOf(sizes)} DPU`,
    assumed: `${workers} x ${workerType} = ${dpuOf(sizes)} DPU${flex ? ', Flex' : ''}`,
    billed: [{ unit: glueUnit(sizes), count: dpuOf(sizes) }],
    leastSeconds: 60,
    driver: {
      name: `${workerType} driver`,
      cores: dpu * vcpusOfDpu,
      memoryGb: memoryGbOfWorker(workerType),
      withMemory: (gb) => {
        const type = workerWith(gb);
        return type && `workers of type ${type} (${memoryGbOfWorker(type)} GB)`;
      },
    },
    executorCores: dpu * vcpusOfDpu * (workers - 1),
  };
}

/** The smallest worker type with this memory; undefined if none has. */
const workerWith = (gb: number): WorkerType | undefined =>
  (Object.keys(dpuOfWorker) as WorkerType[])
    .filter((type) => gb <= memoryGbOfWorker(type))
    .sort((one, other) => memoryGbOfWorker(one) - memoryGbOfWorker(other) || dpuOfWorker[one] - dpuOfWorker[other])[0];
