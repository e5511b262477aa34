import { type Billing, type ComputeSizes, dpuOfWorker } from '../billing.ts';

/** Billed units of Glue. */
export const glueUnits = ['glueDpuHour', 'glueFlexDpuHour'] as const;

const vcpusOfDpu = 4;
const gbOfDpu = 16;

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
    billed: [{ unit: flex ? 'glueFlexDpuHour' : 'glueDpuHour', count: dpuOf(sizes) }],
    leastSeconds: 60,
    driver: { name: `${workerType} driver`, cores: dpu * vcpusOfDpu, memoryGb: dpu * gbOfDpu },
    executorCores: dpu * vcpusOfDpu * (workers - 1),
  };
}
