import { expectTypeOf, test } from 'vitest';
import { type ComputeKinds, computeKinds } from '../../lib/compute/compute.ts';
import type { ComputeKind } from '../../lib/compute/kind.ts';
import type { Compute } from '../../lib/definition/compute.ts';
import { computeBuilders } from '../../lib/stacks/compute/build.ts';

/** As if a kind were added to the list. */
type OneMore = Compute | 'emr-on-eks';

test('a compute kind without its record does not compile', () => {
  expectTypeOf<keyof ComputeKinds>().toEqualTypeOf<Compute>();
  // @ts-expect-error `emr-on-eks` has no record.
  const records: Record<OneMore, unknown> = computeKinds;
  // @ts-expect-error `emr-on-eks` has nothing that builds it in a stack.
  const builders: Record<OneMore, unknown> = computeBuilders;
  expectTypeOf(records).not.toBeAny();
  expectTypeOf(builders).not.toBeAny();
});

test('a record that lacks a part does not compile', () => {
  type Part = 'states' | 'permissions' | 'billing' | 'laptop' | 'failure' | 'logGroups' | 'used' | 'network';
  type Without<Key extends Part> = Omit<ComputeKind, Key>;
  expectTypeOf<Without<'states'>>().not.toExtend<ComputeKind>();
  expectTypeOf<Without<'permissions'>>().not.toExtend<ComputeKind>();
  expectTypeOf<Without<'billing'>>().not.toExtend<ComputeKind>();
  expectTypeOf<Without<'laptop'>>().not.toExtend<ComputeKind>();
  expectTypeOf<Without<'failure'>>().not.toExtend<ComputeKind>();
  expectTypeOf<Without<'logGroups'>>().not.toExtend<ComputeKind>();
  expectTypeOf<Without<'used'>>().not.toExtend<ComputeKind>();
  expectTypeOf<Without<'network'>>().not.toExtend<ComputeKind>();
});
