import { madeAgainKey } from '../constructs/emr/made-again.ts';
import { type Environment, emrOf } from '../environment/environment.ts';
import { namesOf } from '../environment/names.ts';
import type { AccountPort } from './account.ts';

/** The persistent cluster that a deployment should leave. */
export interface ClusterToDeploy {
  /** How often it has been made again; the stack makes a cluster for each number. */
  madeAgain: number;
  /** The name of the cluster if the deployed one has ended, so that this deployment makes another. */
  ended?: string;
}

/**
 * CloudFormation does not notice that a cluster has ended, as an idle one does, and would change nothing. So the deployed template and
 * the clusters that are alive decide whether to make another.
 */
export async function clusterToDeploy(
  environment: Environment,
  account: Pick<AccountPort, 'template' | 'clusters'>,
): Promise<ClusterToDeploy> {
  if (emrOf(environment).cluster !== 'persistent') return { madeAgain: 0 };
  const names = namesOf(environment);
  const madeAgain = timesMadeAgain(await account.template(names.stack('cluster')));
  if (madeAgain === undefined) return { madeAgain: 0 };
  if ((await account.clusters()).includes(names.cluster)) return { madeAgain };
  return { madeAgain: madeAgain + 1, ended: names.cluster };
}

/** How often the cluster in a template was made again; undefined if it has none. */
export function timesMadeAgain(template: unknown): number | undefined {
  const { Resources = {} } = (template ?? {}) as { Resources?: Record<string, Resource> };
  const cluster = Object.values(Resources).find(({ Type }) => Type === 'AWS::EMR::Cluster');
  return cluster === undefined ? undefined : Number(cluster.Metadata?.[madeAgainKey] ?? 0);
}

interface Resource {
  Type: string;
  Metadata?: Record<string, unknown>;
}
