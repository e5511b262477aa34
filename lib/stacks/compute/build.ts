import type { IDependable } from 'constructs';
import { type ComputeUses, computeKinds, kindsOf } from '../../compute/compute.ts';
import type { Compute } from '../../definition/compute.ts';
import type { Permission } from '../../permissions/permission.ts';
import { buildClusters } from './emr.ts';
import { buildServerless } from './emr-serverless.ts';
import { buildGlue } from './glue.ts';
import type { BuiltCompute, ComputeSite } from './site.ts';

/** Builds the resources of each compute kind in a pipeline's stack. */
export const computeBuilders: { readonly [Kind in Compute]: (site: ComputeSite) => BuiltCompute<ComputeUses[Kind]> } = {
  glue: buildGlue,
  emr: buildClusters,
  'emr-serverless': buildServerless,
};

/** Builds the compute of all stages of a plan. */
export function buildCompute(site: ComputeSite): {
  substitutions: Record<string, string>;
  /** Permissions of the state machine. */
  permissions: Permission[];
  before: IDependable[];
} {
  const built = kindsOf(site.plan).map((compute) => buildOne(compute, site));
  return {
    substitutions: Object.assign({}, ...built.map(({ substitutions }) => substitutions)),
    permissions: built.flatMap(({ permissions }) => permissions),
    before: built.map(({ before }) => before),
  };
}

function buildOne<Kind extends Compute>(compute: Kind, site: ComputeSite) {
  const { use, ...built } = computeBuilders[compute](site);
  return { ...built, permissions: computeKinds[compute].permissions(use) };
}
