import type { Compute } from '../definition/compute.ts';
import type { Plan, Stage } from '../plan/schema.ts';
import { emr } from './emr/emr.ts';
import type { ClusterUse } from './emr/permissions.ts';
import { emrServerless, type JobUse, serverlessUnits } from './emr-serverless/emr-serverless.ts';
import { glueUnits } from './glue/billing.ts';
import { type GlueUse, glue } from './glue/glue.ts';
import type { ComputeKind } from './kind.ts';

/** The resources of each kind that a deployed pipeline uses. A kind that is missing here or below does not compile. */
export interface ComputeUses extends Record<Compute, object> {
  glue: GlueUse;
  emr: ClusterUse;
  'emr-serverless': JobUse;
}

export type ComputeKinds = { readonly [Kind in Compute]: ComputeKind<ComputeUses[Kind]> };

/** All compute kinds. Other code uses these records and never checks for a specific kind. */
export const computeKinds: ComputeKinds = { glue, emr, 'emr-serverless': emrServerless };

/** Billed units of all kinds besides instances; the price table has each. */
export const billedUnits = [...glueUnits, ...serverlessUnits];
export type BilledUnit = (typeof billedUnits)[number];

/** The part of a kind that does not depend on its resources. */
export type AnyKind = Omit<ComputeKind, 'permissions'>;

export const kindOf = ({ compute }: Pick<Stage, 'compute'>): AnyKind => computeKinds[compute];

/** The compute kinds of a plan's stages, in the order of the record. */
export function kindsOf(plan: Plan): Compute[] {
  const used = new Set(plan.stages.map((stage) => stage.compute));
  return (Object.keys(computeKinds) as Compute[]).filter((compute) => used.has(compute));
}
