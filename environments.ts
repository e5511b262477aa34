import type { Environment } from './lib/environment/environment.ts';
import type { Delivery } from './lib/stacks/delivery-stack.ts';

/** All environments. To add one, copy an entry; `millrace synth --env NAME` reports values that AWS would refuse. */
export const environments: Readonly<Record<'dev' | 'staging' | 'prod' | 'twin', Environment>> = {
  dev: {
    name: 'dev',
    prefix: 'millrace-dev',
    region: 'eu-central-1',
    pipelines: ['churn'],
    removal: 'destroy',
    retentionDays: { logs: 14, oldVersions: 7, raw: 90, accessLogs: 30 },
    workers: { type: 'G.1X', max: 3 },
    glue: { executionClass: 'flex' },
    // The whole shape: each run starts a cluster, which scales with spot nodes, for this stage. The cheap choice: `stages: { build: 'glue' }`.
    stages: { build: 'emr' },
    emr: { cluster: 'transient', maxVcpus: 32, network: { zones: 1 } },
    streams: { capacity: { shards: 1 } },
    budgetUsd: 100,
    alarmAddresses: [],
    lateAfterHours: 24,
    runbook: 'docs/runbook.md',
  },
  staging: {
    name: 'staging',
    prefix: 'millrace-staging',
    region: 'eu-central-1',
    pipelines: ['churn'],
    removal: 'destroy',
    retentionDays: { logs: 30, oldVersions: 14, raw: 180, accessLogs: 90 },
    workers: { type: 'G.1X', max: 5 },
    glue: { executionClass: 'flex' },
    // One cluster for all runs, in CloudFormation. It ends after an idle hour; a run that finds none starts a cluster.
    stages: { build: 'emr', predict: 'emr' },
    emr: { cluster: 'persistent', maxVcpus: 64, network: { zones: 2 } },
    streams: { capacity: { shards: 1 } },
    budgetUsd: 150,
    alarmAddresses: ['millrace-staging@example.com'],
    schedule: 'cron(0 4 * * ? *)',
    lateAfterHours: 24,
    runbook: 'docs/runbook.md',
  },
  prod: {
    name: 'prod',
    prefix: 'millrace-prod',
    region: 'eu-central-1',
    pipelines: ['churn'],
    removal: 'retain',
    retentionDays: { logs: 400, oldVersions: 90, accessLogs: 400 },
    workers: { type: 'G.1X', max: 10 },
    glue: { executionClass: 'standard' },
    budgetUsd: 600,
    alarmAddresses: ['millrace-on-call@example.com'],
    schedule: 'cron(0 3 * * ? *)',
    lateAfterHours: 24,
    runbook: 'docs/runbook.md',
  },
  // The emulator on this machine. Its only account has this id.
  twin: {
    name: 'twin',
    prefix: 'millrace-twin',
    account: '000000000000',
    region: 'us-east-1',
    pipelines: ['churn'],
    removal: 'destroy',
    retentionDays: { logs: 1, oldVersions: 1, accessLogs: 1 },
    workers: { type: 'G.1X', max: 2 },
    glue: { executionClass: 'standard' },
    budgetUsd: 1,
    alarmAddresses: [],
    lateAfterHours: 24,
    runbook: 'docs/runbook.md',
    lacks: ['AWS::Budgets::Budget', 'AWS::CloudWatch::CompositeAlarm', 'AWS::Glue::SecurityConfiguration'],
  },
};

/** Continuous delivery of the environments, one after the other. Undefined: none. */
export const delivery:
  | (Delivery & {
      prefix: string;
      account?: string;
      region: string;
      environments: readonly ('dev' | 'staging' | 'prod')[];
    })
  | undefined = undefined;
