import type { Plan } from '../plan/schema.ts';
import type { CostEnvironment } from './cost-sizes.ts';
import type { Prices } from './prices.ts';
import type { Throughput } from './throughput.ts';

/** The size of the whole input, in rows or bytes. */
export type Size = { rows: number } | { bytes: number };

export interface Question {
  plan: Plan;
  prices: Prices;
  size: Size;
  throughput: Throughput;
  environment: CostEnvironment;
}
