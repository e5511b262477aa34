/** The sizes of an environment that compute depends on. */
export interface ComputeSizes {
  workerType: WorkerType;
  /** Workers of a stage on Glue, the driver's included; 2 is the least that Glue accepts. */
  workers: number;
  /** Glue on spare capacity: cheaper, starts when there is some. */
  flex: boolean;
}

/** Worker type of Glue -> DPU. 1 DPU is 4 vCPUs with 16 GB. */
export const dpuOfWorker = { 'G.1X': 1, 'G.2X': 2, 'G.4X': 4, 'G.8X': 8 } as const;
export type WorkerType = keyof typeof dpuOfWorker;

/** What the clusters of EMR may be made of -> vCPUs. All x86: the packages that the engine brings are built for it. */
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

/** Something that is billed for as long as a stage runs. */
export type Billed =
  | { unit: string; count: number }
  /** Instances of any of these types, `weights` of which make up `capacity`. */
  | { market: 'on-demand' | 'spot'; weights: Readonly<Partial<Record<InstanceType, number>>>; capacity: number };

/** What is not known exactly: low <= expected <= high. */
export interface Seconds {
  low: number;
  expected: number;
  high: number;
}

/** What a stage runs on, and what is billed for it. */
export interface Billing {
  /** The kind with what is special about it, as `Glue Flex`. */
  name: string;
  /** As an item of a forecast says it, as `5 DPU`. */
  size: string;
  /** As an assumption of a forecast says it. */
  assumed: string;
  billed: readonly Billed[];
  /** The least number of seconds that is billed. */
  leastSeconds: number;
  /** Seconds billed before the first stage of a run can start, beside what each stage takes to start. */
  madeSeconds?: Seconds;
  /** Where training and scoring run, in memory. */
  driver: { name: string; cores: number; memoryGb: number };
  /** Cores of all executors together. */
  executorCores: number;
}
