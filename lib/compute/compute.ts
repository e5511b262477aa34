import type { Compute } from '../definition/compute.ts';
import type { Plan, Stage } from '../plan/schema.ts';
import { emr } from './emr/emr.ts';
import type { ClusterUse } from './emr/permissions.ts';
import { emrServerless, type JobUse, serverlessUnits } from './emr-serverless/emr-serverless.ts';
import { glueUnits } from './glue/billing.ts';
import { type GlueUse, glue } from './glue/glue.ts';
import type { ComputeKind } from './kind.ts';

/** What a deployed pipeline uses of each kind. A kind that is missing here, or below, does not compile. */
export interface ComputeUses extends Record<Compute, object> {
  glue: GlueUse;
  emr: ClusterUse;
  'emr-serverless': JobUse;
}

export type ComputeKinds = { readonly [Kind in Compute]: ComputeKind<ComputeUses[Kind]> };

/** Every compute kind with all that is known of it. Readers ask this record; none of them asks which kind it is. */
export const computeKinds: ComputeKinds = { glue, emr, 'emr-serverless': emrServerless };

/** What the kinds bill by, beside instances: the price list has each. */
export const billedUnits = [...glueUnits, ...serverlessUnits];
export type BilledUnit = (typeof billedUnits)[number];

/** What holds for every kind, whatever it uses. */
export type AnyKind = Omit<ComputeKind, 'permissions'>;

export const kindOf = ({ compute }: Pick<Stage, 'compute'>): AnyKind => computeKinds[compute];

/** The kinds that the stages of a plan run on, in the order of the record. */
export function kindsOf(plan: Plan): Compute[] {
  const used = new Set(plan.stages.map((stage) => stage.compute));
  return (Object.keys(computeKinds) as Compute[]).filter((compute) => used.has(compute));
}
