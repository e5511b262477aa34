import { EMRClient, type Instance, paginateListInstances } from '@aws-sdk/client-emr';
import { kindOf } from '../compute/compute.ts';
import type { Plan } from '../plan/schema.ts';
import type { Step } from './ports.ts';

/** Instance hours by type, such as `m5.xlarge`. */
export type InstanceHours = Readonly<Record<string, number>>;

/** Ids of the clusters that a run started. A persistent cluster is not included, because it is billed regardless of this run. */
export function startedClusters(plan: Plan, steps: readonly Step[]): string[] {
  return steps.flatMap((step) => {
    if (step.type !== 'exited' || step.output === undefined) return [];
    const { state, output } = step;
    return plan.stages.flatMap((stage) => kindOf(stage).used.clusterMade?.(stage, state, output) ?? []);
  });
}

/** Hours that the instances of clusters ran, until `now` if they still run. EMR forgets a cluster two months after its end. */
export async function instanceHours(region: string, clusters: readonly string[], now: Date): Promise<InstanceHours> {
  const client = new EMRClient({ region });
  const hours: Record<string, number> = {};
  for (const ClusterId of clusters) {
    for await (const { Instances = [] } of paginateListInstances({ client }, { ClusterId })) {
      for (const instance of Instances) {
        const type = instance.InstanceType ?? 'unknown type';
        hours[type] = (hours[type] ?? 0) + hoursUp(instance, now);
      }
    }
  }
  return hours;
}

/** Counted from creation, not from when it was ready, because EC2 bills both. */
function hoursUp({ Status: { Timeline } = {} }: Instance, now: Date): number {
  const { CreationDateTime: from, EndDateTime: to = now } = Timeline ?? {};
  return from === undefined ? 0 : (to.getTime() - from.getTime()) / 3_600_000;
}
