import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { type Environment, environmentIssues, environmentNamed } from '../../lib/environment/environment.ts';
import { namesOf } from '../../lib/environment/names.ts';
import { type Issue, MillraceError } from '../../lib/errors.ts';

const issuesOf = (action: () => unknown): readonly Issue[] => {
  try {
    action();
  } catch (error) {
    if (error instanceof MillraceError) return error.issues;
    throw error;
  }
  return [];
};

describe('an environment', () => {
  test('defined in environments.ts is deployable', () => {
    for (const name of Object.keys(environments)) {
      const environment = environmentNamed(environments, name);
      expect(environment.name).toBe(name);
      expect(() => namesOf(environment)).not.toThrow();
    }
  });

  test('has every service of AWS, except on the emulator', () => {
    const lacking = Object.values(environments).filter((environment) => environment.lacks !== undefined);
    expect(lacking.map((environment) => environment.name)).toEqual(['twin']);
  });

  test('an unknown name is refused with the nearest one, even if Object has such a property', () => {
    expect(issuesOf(() => environmentNamed(environments, 'stagin'))).toMatchObject([
      {
        code: 'MR600',
        path: 'environments.ts',
        hint: expect.stringMatching(/^staging {3}\(known: dev, staging, prod, twin\)/),
      },
    ]);
    expect(issuesOf(() => environmentNamed(environments, 'constructor'))[0]?.code).toBe('MR600');
  });

  test('Glue Flex is refused with worker types that it lacks', () => {
    const on = (type: Environment['workers']['type'], executionClass: 'standard' | 'flex') =>
      environmentIssues({ ...environments.dev, workers: { type, max: 3 }, glue: { executionClass } });
    const issue = {
      code: 'MR603',
      path: 'environments.ts  dev.workers.type',
      hint: "use G.1X or G.2X, or executionClass 'standard'",
    };
    for (const type of ['G.4X', 'G.8X'] as const) {
      expect(on(type, 'flex')).toMatchObject([issue]);
      expect(on(type, 'standard')).toEqual([]);
    }
    for (const type of ['G.1X', 'G.2X'] as const) expect(on(type, 'flex')).toEqual([]);
  });

  test('values that AWS would refuse are found in advance, each with its path', () => {
    const wrong: Environment = {
      ...environments.dev,
      prefix: 'Mill_race',
      account: '12',
      region: 'Frankfurt',
      retentionDays: { ...environments.dev.retentionDays, logs: 31 },
      workers: { type: 'G.1X', max: 1 },
      schedule: '0 3 * * *',
      budgetUsd: 0,
      lateAfterHours: 36,
      inputAfterHours: 12,
      streams: { capacity: { shards: 0 }, retentionHours: 12, bufferSeconds: 30, bufferMiB: 4 },
    };
    const issues = environmentIssues(wrong);
    expect(new Set(issues.map((issue) => issue.code))).toEqual(new Set(['MR603']));
    expect(issues.map((issue) => issue.path.split('  dev.')[1])).toEqual([
      ...[
        'prefix',
        'account',
        'region',
        'retentionDays.logs',
        'workers.max',
        'schedule',
        'budgetUsd',
        'lateAfterHours',
        'inputAfterHours',
        'streams.capacity.shards',
        'streams.retentionHours',
        'streams.bufferSeconds',
        'streams.bufferMiB',
      ],
    ]);
  });

  test('a prefix that begins another prefix is refused', () => {
    const both = { ...environments, eu: { ...environments.dev, name: 'eu', prefix: 'millrace-dev-eu' } };
    expect(issuesOf(() => environmentNamed(both, 'eu'))).toMatchObject([{ code: 'MR604' }]);
    const apart = { ...environments, eu: { ...environments.dev, name: 'eu', prefix: 'millrace-development' } };
    expect(issuesOf(() => environmentNamed(apart, 'eu'))).toEqual([]);
  });
});

describe('names', () => {
  test('of two environments never coincide', () => {
    const all = Object.keys(environments).flatMap((name) => everyName(environmentNamed(environments, name)));
    expect(all.length).toBe(new Set(all).size);
    expect(all.length).toBeGreaterThan(60);
  });

  test('of two pipelines in one environment never coincide, and no alarm name begins with another pipeline', () => {
    const pipelines = ['churn', 'churn_engine', 'data', 'monitoring'];
    const environment = { ...environments.dev, pipelines };
    const all = everyName(environment);
    expect(all.length).toBe(new Set(all).size);
    const names = namesOf(environment);
    const stacks = [
      names.stack('data'),
      names.stack('monitoring'),
      ...pipelines.map((p) => names.stack(`pipeline-${p}`)),
    ];
    expect(new Set(stacks).size).toBe(stacks.length);
    for (const stack of stacks) expect(stack).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(names.pipeline('churn_engine').alarm('cost').startsWith(names.pipeline('churn').alarm(''))).toBe(false);
  });

  test('that are too long are found before AWS does, with the excess length', () => {
    const prefix = 'a-very-long-prefix-for-an-environment';
    expect(issuesOf(() => namesOf({ ...environments.dev, prefix }))).toMatchObject([
      {
        code: 'MR601',
        message: expect.stringContaining('raw-<account>-eu-central-1"'),
        hint: expect.stringContaining('by'),
      },
      ...Array(3).fill({ code: 'MR601' }),
    ]);
    // 63 characters are allowed: "-access-logs-" and 12 digits and "-eu-central-1" leave 25.
    expect(issuesOf(() => namesOf({ ...environments.dev, prefix: 'p'.repeat(25) }))).toEqual([]);
    expect(issuesOf(() => namesOf({ ...environments.dev, prefix: 'p'.repeat(26) }))).toHaveLength(1);
    const pipelines = ['a_pipeline_with_a_name_that_nobody_would_want_to_type'];
    expect(issuesOf(() => namesOf({ ...environments.dev, pipelines })).map((issue) => issue.message)).toEqual([
      expect.stringContaining('the function name'),
      expect.stringContaining('the queue name'),
      expect.stringContaining('the schedule name'),
    ]);
  });
});

function everyName(environment: Environment): string[] {
  const names = namesOf(environment);
  return [
    ...(['raw', 'lake', 'artefacts', 'access-logs'] as const).map(names.bucket),
    ...(['bookmarks', 'runs', 'registry'] as const).map(names.table),
    ...[names.keyAlias, names.budget, names.topic, names.stack('data')],
    ...environment.pipelines.flatMap((pipeline) => {
      const of = names.pipeline(pipeline);
      return [
        of.database,
        of.job,
        of.function('trigger'),
        of.arrivals,
        of.alarm('cost'),
        of.logs('trigger'),
        of.metrics,
        of.stream('source'),
        of.landing('source', true),
      ];
    }),
  ];
}
