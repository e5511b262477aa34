import type { CheckedDefinition } from '../definition/schema.ts';
import type { TransformTask } from './schema.ts';

type Written = NonNullable<CheckedDefinition['tables'][string]['bounds']>;
type Bounds = NonNullable<TransformTask['bounds']>;

/** Bounds for the plan: a plain number is the error share. They change no rows, so fingerprints exclude them. */
export function boundsOf(written: Written | undefined): { bounds?: Bounds } {
  if (written === undefined) return {};
  const { quarantined, atLeast, nulls, fall } = written;
  const each = (bound: NonNullable<Written['fall']>) => (typeof bound === 'number' ? { error: bound } : bound);
  return {
    bounds: {
      ...(quarantined !== undefined && { quarantined: each(quarantined) }),
      ...(atLeast !== undefined && { atLeast }),
      ...(nulls !== undefined && {
        nulls: Object.fromEntries(Object.entries(nulls).map(([column, bound]) => [column, each(bound)])),
      }),
      ...(fall !== undefined && { fall: each(fall) }),
    },
  };
}
