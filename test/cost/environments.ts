import { type CostEnvironment, typical } from '../../lib/cost/cost-sizes.ts';

/** Typical sizes of three environments. */
export const sized: Readonly<Record<'dev' | 'staging' | 'prod', CostEnvironment>> = {
  dev: {
    ...typical,
    name: 'dev',
    workers: 2,
    flex: true,
    runsPerMonth: 20,
    retentionDays: 7,
    alarms: 2,
    dashboards: 0,
  },
  staging: { ...typical, name: 'staging', workers: 2, flex: true, retentionDays: 7, logRetentionDays: 30 },
  prod: { ...typical, name: 'prod', metrics: 20, alarms: 12 },
};
