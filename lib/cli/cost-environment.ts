import { kindOf } from '../compute/compute.ts';
import { type CostEnvironment, typical } from '../cost/cost-sizes.ts';
import type { Region } from '../cost/prices.ts';
import { computeSizesOf, type Environment, emrOf, streamsOf } from '../environment/environment.ts';
import type { Plan } from '../plan/schema.ts';
import { streamedTasks } from '../plan/streams.ts';

/** The settings of an environment that determine its cost, with typical defaults. The forecast reports a region without prices. */
export function costEnvironmentOf(environment: Environment, plan: Plan): CostEnvironment {
  const { name, region, retentionDays, schedule } = environment;
  return {
    ...typical,
    name,
    region: region as Region,
    ...computeSizesOf(environment),
    retentionDays: retentionDays.oldVersions,
    logRetentionDays: retentionDays.logs,
    interfaceEndpoints: plan.stages.some((stage) => kindOf(stage).network) ? endpointsOf(environment) : 0,
    ...streamSizes(environment, streamedTasks(plan).length),
    ...alarmsOf(environment, streamedTasks(plan).length),
    ...(schedule !== undefined && { runsPerMonth: runsPerMonth(schedule) }),
  };
}

/**
 * The environment with its stages on the other compute: stages on clusters moved to a managed service, or, if none is on a cluster but
 * the environment has settings for them, all stages moved to clusters. Undefined if there is no such choice. `plan`: with its compute.
 */
export function otherCompute(environment: Environment, plan: Plan): Environment | undefined {
  const onClusters = plan.stages.filter((stage) => kindOf(stage).managed !== undefined);
  const moved =
    onClusters.length > 0
      ? onClusters.map((stage) => [stage.name, kindOf(stage).managed] as const)
      : environment.emr === undefined
        ? []
        : plan.stages.map((stage) => [stage.name, kindOf(stage).onSpot ?? stage.compute] as const);
  if (moved.length === 0) return undefined;
  return { ...environment, stages: { ...environment.stages, ...Object.fromEntries(moved) } };
}

/**
 * Each stream has three alarms; all streams share one more for records that could not be landed. An alarm on missing data is a
 * composite one; a schedule and each stream have such alarms, and one more that says whether there has been data.
 */
function alarmsOf(
  { schedule, lacks }: Environment,
  streams: number,
): Pick<CostEnvironment, 'alarms' | 'compositeAlarms'> {
  const alarms = typical.alarms + (streams > 0 ? 3 * streams + 1 : 0);
  if (lacks?.includes('AWS::CloudWatch::CompositeAlarm')) return { alarms, compositeAlarms: 0 };
  const scheduled = schedule === undefined ? { seen: 0, composite: 0 } : { seen: 1, composite: 3 };
  return { alarms: alarms + scheduled.seen + streams, compositeAlarms: scheduled.composite + streams };
}

function streamSizes(environment: Environment, streams: number): Partial<CostEnvironment> {
  if (streams === 0) return {};
  const { capacity, retentionHours, bufferSeconds, bufferMiB } = streamsOf(environment);
  return {
    shards: capacity === 'on-demand' ? 0 : capacity.shards,
    streamRetentionHours: retentionHours,
    streamBufferSeconds: bufferSeconds,
    streamBufferMiB: bufferMiB,
  };
}

/** A dedicated network has three interface endpoints per zone; an existing network adds no cost. */
function endpointsOf(environment: Environment): number {
  const { network } = emrOf(environment);
  return 'zones' in network ? 3 * network.zones : 0;
}

const hoursOf = { minute: 1 / 60, hour: 1, day: 24 } as const;

/** How often a `rate(...)` or `cron(...)` of EventBridge Scheduler fires in a month of 30 days. */
export function runsPerMonth(schedule: string): number {
  const [, number, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  if (unit !== undefined) return (30 * 24) / (Number(number) * hoursOf[unit as keyof typeof hoursOf]);
  const [minutes = '', hours = '', daysOfMonth = '', months = '', daysOfWeek = ''] =
    /^cron\((.*)\)$/.exec(schedule)?.[1]?.split(/\s+/) ?? [];
  const every = (field: string) => field === '*' || field === '?';
  const days = every(daysOfMonth) ? (every(daysOfWeek) ? 30 : (times(daysOfWeek, 7) * 30) / 7) : times(daysOfMonth, 31);
  return (times(minutes, 60) * times(hours, 24) * days * times(months, 12)) / 12;
}

const names = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** How many values a field of a cron expression has, out of `all`. */
function times(field: string, all: number): number {
  return field
    .split(',')
    .map((part) => {
      const [range = '', step = '1'] = part.split('/');
      if (range === '*' || range === '?') return Math.ceil(all / Number(step));
      const [from, to] = range.split('-').map((end) => (names.includes(end) ? names.indexOf(end) : Number(end)));
      if (to === undefined) return step === '1' ? 1 : Math.ceil((all - from!) / Number(step));
      return Math.floor((to - from!) / Number(step)) + 1;
    })
    .reduce((sum, n) => sum + n, 0);
}
