import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { costEnvironmentOf } from '../../lib/cli/cost-environment.ts';
import type { Billed, Billing, InstanceType } from '../../lib/compute/billing.ts';
import { billedUnits, computeKinds } from '../../lib/compute/compute.ts';
import { forecast } from '../../lib/cost/forecast.ts';
import { prices } from '../../lib/cost/price-table.ts';
import type { Prices } from '../../lib/cost/prices.ts';
import type { Compute } from '../../lib/definition/compute.ts';
import { question } from '../cost/questions.ts';
import { churnOn, resources, synthesised } from '../stacks/synthesised.ts';

const { prod } = environments;

/** The forecast cost of a full run on that compute, with a price list. */
const runOn = (compute: Compute, priceList: Prices) => {
  const plan = churnOn(compute, compute);
  const environment = costEnvironmentOf(prod, plan);
  const { items } = forecast(question({ plan, environment, prices: priceList })).run;
  const computed = items.filter(({ id }) => id.startsWith(`${compute}.`));
  return computed.reduce((sum, { usd }) => sum + usd.high - usd.low + usd.expected, 0);
};

const billingOf = (compute: Compute): Billing =>
  computeKinds[compute].billing(costEnvironmentOf(prod, churnOn(compute, compute)));

describe('a forecast prices what is deployed', () => {
  const onGlue = synthesised('prod', {}, churnOn('glue', 'glue')).templates['pipeline-churn']!;
  const onClusters = synthesised('prod', {}, churnOn('emr', 'emr')).templates['pipeline-churn']!;
  const persistent = synthesised('prod', { emr: { cluster: 'persistent' } }, churnOn('emr', 'emr')).templates.cluster!;
  const serverless = synthesised('prod', {}, churnOn('emr-serverless', 'emr-serverless')).templates['pipeline-churn']!;

  const only = (template: typeof onGlue, type: string) => {
    const all = Object.values(resources(template, type));
    expect(all).toHaveLength(1);
    return all[0]!.Properties;
  };
  const states = (template: typeof onGlue) =>
    JSON.parse(only(template, 'AWS::StepFunctions::StateMachine').DefinitionString).States;

  /** The cluster that the state machine creates. */
  const fleets: { InstanceTypeConfigs: { InstanceType: InstanceType; WeightedCapacity: number }[] }[] =
    states(onClusters)['build makes a cluster'].Arguments.Instances.InstanceFleets;
  const types = new Set(fleets.flatMap((fleet) => fleet.InstanceTypeConfigs.map(({ InstanceType: type }) => type)));

  test('on EMR, each instance type that a cluster may use: the forecast depends on its price', () => {
    expect(types.size).toBeGreaterThan(1);
    const before = runOn('emr', prices);
    for (const type of types) {
      for (const factor of [0.1, 10]) {
        const changed = structuredClone(prices);
        const { usd } = changed.instances[type].onDemand;
        for (const region of Object.keys(usd) as (keyof typeof usd)[]) usd[region] *= factor;
        expect(runOn('emr', changed), `${type} for ${factor} times its price`).not.toBeCloseTo(before, 6);
      }
    }
  });

  test('on EMR, no instance type that a cluster never uses', () => {
    expect(new Set(Object.keys(prices.instances))).toEqual(types);
  });

  test('on EMR, as much capacity as the fleets of both kinds of cluster request', () => {
    const asked = (fleet: Record<string, unknown>) => ({
      capacity: Number(fleet['TargetOnDemandCapacity'] ?? 0) + Number(fleet['TargetSpotCapacity'] ?? 0),
      market: Number(fleet['TargetSpotCapacity'] ?? 0) > 0 ? 'spot' : 'on-demand',
      weights: Object.fromEntries(
        (fleet['InstanceTypeConfigs'] as { InstanceType: string; WeightedCapacity: number }[]).map((config) => [
          config.InstanceType,
          config.WeightedCapacity,
        ]),
      ),
    });
    const { billed } = billingOf('emr');
    expect(fleets.map((fleet) => asked({ ...fleet }))).toEqual(billed);
    const { Instances } = only(persistent, 'AWS::EMR::Cluster');
    const fixed = [Instances.MasterInstanceFleet, Instances.CoreInstanceFleet, ...Instances.TaskInstanceFleets];
    expect(fixed.map(asked)).toEqual(billed);
  });

  test('on EMR, a persistent cluster until it has been idle for as long as it is deployed to be', () => {
    const ofEnvironment = costEnvironmentOf({ ...prod, emr: { cluster: 'persistent' } }, churnOn('emr', 'emr'));
    const { idleEndSeconds } = computeKinds.emr.billing(ofEnvironment);
    expect(only(persistent, 'AWS::EMR::Cluster').AutoTerminationPolicy).toEqual({ IdleTimeout: idleEndSeconds });
    expect(billingOf('emr').idleEndSeconds).toBeUndefined();
  });

  test("on Glue, the DPU of the job's workers, in their execution class", () => {
    for (const name of ['dev', 'prod'] as const) {
      const job = only(synthesised(name).templates['pipeline-churn']!, 'AWS::Glue::Job');
      const dpu = { 'G.1X': 1, 'G.2X': 2, 'G.4X': 4, 'G.8X': 8 }[job.WorkerType as string]!;
      const unit = job.ExecutionClass === 'FLEX' ? 'glueFlexDpuHour' : 'glueDpuHour';
      const environment = costEnvironmentOf(environments[name], churnOn('glue', 'glue'));
      expect(computeKinds.glue.billing(environment).billed).toEqual([{ unit, count: dpu * job.NumberOfWorkers }]);
    }
    expect(only(onGlue, 'AWS::Glue::Job').NumberOfWorkers).toBe(prod.workers.max);
  });

  test('on EMR Serverless, the workers with which a job starts, on the priced processors', () => {
    const { SparkSubmitParameters } = states(serverless).build.Arguments.JobDriver.SparkSubmit;
    const setting = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(SparkSubmitParameters)![1]);
    const executors = setting('spark.dynamicAllocation.initialExecutors');
    const vcpus = setting('spark.driver.cores') + executors * setting('spark.executor.cores');
    const billing = billingOf('emr-serverless');
    expect(countOf(billing.billed, 'emrServerlessVcpuHour')).toBe(vcpus);
    // The service rounds the heap and its tenth of overhead up to whole GB.
    const memory = Math.ceil(setting('spark.driver.memory') * 1.1) * (1 + executors);
    expect(countOf(billing.billed, 'emrServerlessGbHour')).toBe(memory);
    expect(only(serverless, 'AWS::EMRServerless::Application').Architecture).toBe('X86_64');
    expect(prices.items.emrServerlessVcpuHour.unit).toContain('x86');
  });

  test('on every compute, only items with a price', () => {
    for (const [compute, kind] of Object.entries(computeKinds)) {
      const { billed } = kind.billing(costEnvironmentOf(prod, churnOn('glue', 'glue')));
      expect(billed.length, compute).toBeGreaterThan(0);
      const units = billed.flatMap((each) => ('unit' in each ? [each.unit] : []));
      expect(billedUnits).toEqual(expect.arrayContaining(units));
    }
  });

  test('a cluster starts once per run, however many stages use it', () => {
    const starts = forecast(question({ plan: churnOn('emr', 'emr') })).run.items.filter(({ kind }) => kind === 'start');
    const [first, second] = starts.map(({ usd }) => usd.expected);
    expect(first! / second!).toBeGreaterThan(3);
  });
});

const countOf = (billed: readonly Billed[], unit: string) =>
  billed.flatMap((each) => ('unit' in each && each.unit === unit ? [each.count] : []))[0];
