/** Sizes of an environment for compute. */
export interface ComputeSizes {
  workerType: WorkerType;
  /** Glue workers including the driver's; Glue requires at least 2. */
  workers: number;
  /** Glue Flex: cheaper, on spare capacity, may start late. */
  flex: boolean;
  /** Whether each run starts an EMR cluster, or one outlives runs. */
  cluster: ClusterLife;
}

export type ClusterLife = 'transient' | 'persistent';

/** Glue worker type -> DPU. 1 DPU is 4 vCPUs with 16 GB; of the R types, which are priced separately, with 32 GB. */
export const dpuOfWorker = {
  'G.1X': 1,
  'G.2X': 2,
  'G.4X': 4,
  'G.8X': 8,
  'R.1X': 1,
  'R.2X': 2,
  'R.4X': 4,
  'R.8X': 8,
} as const;
export type WorkerType = keyof typeof dpuOfWorker;

/** Worker types with twice the memory. */
export const isMemoryOptimised = (type: WorkerType): boolean => type.startsWith('R.');

export const memoryGbOfWorker = (type: WorkerType): number => dpuOfWorker[type] * (isMemoryOptimised(type) ? 32 : 16);

/** The machine of a driver. */
export interface Driver {
  name: string;
  cores: number;
  memoryGb: number;
  /** The smallest setting whose driver has this memory, as a hint says it; undefined if none has, or if there is no such setting. */
  withMemory?: (gb: number) => string | undefined;
}

/** The share of a driver's memory that is available for data. */
export const usableShare = 0.6;

/** `spark.driver.maxResultSize` of a driver. Spark's default of 1 GB would refuse to collect rows that fit into its memory. */
export const maxResultSize = (memoryGb: number): string => `${Math.floor(memoryGb * usableShare)}g`;

/** Worker types that Glue Flex has. */
export const flexWorkers: readonly WorkerType[] = ['G.1X', 'G.2X'];

/** Instance types of EMR clusters -> vCPUs. All x86, because the engine's packages are built for x86. */
export const vcpusOfInstance = {
  'm5.xlarge': 4,
  'm5a.xlarge': 4,
  'm6i.xlarge': 4,
  'm6a.xlarge': 4,
  'r5.xlarge': 4,
  'r6i.xlarge': 4,
  'm5.2xlarge': 8,
  'm6i.2xlarge': 8,
} as const;
export type InstanceType = keyof typeof vcpusOfInstance;

/** A resource that is billed while a stage runs. */
export type Billed =
  | { unit: string; count: number }
  /** Instances of these types, whose `weights` add up to `capacity`. */
  | { market: 'on-demand' | 'spot'; weights: Readonly<Partial<Record<InstanceType, number>>>; capacity: number };

/** An uncertain duration: low <= expected <= high. */
export interface Seconds {
  low: number;
  expected: number;
  high: number;
}

/** The compute of a stage and its billing. */
export interface Billing {
  /** The kind and its variant, such as `Glue Flex`. */
  name: string;
  /** Text for an item of the forecast, such as `5 DPU`. */
  size: string;
  /** Text for an assumption of the forecast. */
  assumed: string;
  billed: readonly Billed[];
  /** Minimum billed seconds. */
  leastSeconds: number;
  /** Additional billed seconds before the first stage of a run can start. */
  madeSeconds?: Seconds;
  /** Set if the machines outlive runs: they are billed until they have been idle for this many seconds. A run that finds them up starts none. */
  idleEndSeconds?: number;
  /** The driver, which runs training and scoring in memory. */
  driver: Driver;
  /** Cores of all executors together. */
  executorCores: number;
}
