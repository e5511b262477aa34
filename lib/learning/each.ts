import * as z from 'zod';
import {
  type AlgorithmName,
  algorithmNamed,
  algorithmNames,
  type ObjectiveName,
  objectiveNames,
  objectiveOf,
  type PartsOfAlgorithm,
  type PartsOfObjective,
} from './learning.ts';

/** Unions of schemas: one schema for each objective, or for each objective with each algorithm. */

/** The parts that a schema is made from. */
export interface Named<P extends { readonly name: string }> {
  /** The name in documents of models; by default the first of all. */
  name: z.ZodType<P['name']>;
  parts: P;
}

type AnyObjective = Named<PartsOfObjective[ObjectiveName]>;
type AnyAlgorithm = Named<PartsOfAlgorithm[AlgorithmName]>;

type OneOf<S extends z.ZodObject, By extends string> = z.ZodDiscriminatedUnion<[S, ...S[]], By>;
type EachObjective = { [O in ObjectiveName]: z.ZodObject };
type EachLearning = { [O in ObjectiveName]: { [A in AlgorithmName]: z.ZodObject } };

/** `Made` is the type of each schema that `make` returns: the compiler cannot derive it from a list. */
export function eachObjective<Made extends EachObjective>(
  make: (objective: AnyObjective) => z.ZodObject,
): OneOf<Made[ObjectiveName], 'objective'>;
export function eachObjective(make: (objective: AnyObjective) => z.ZodObject): z.ZodDiscriminatedUnion {
  return z.discriminatedUnion('objective', some(objectives.map(make)));
}

/** The same, for each objective with each algorithm. */
export function eachLearning<Made extends EachLearning>(
  make: (objective: AnyObjective, algorithm: AnyAlgorithm) => z.ZodObject,
): OneOf<Made[ObjectiveName][AlgorithmName], 'objective'>;
export function eachLearning(
  make: (objective: AnyObjective, algorithm: AnyAlgorithm) => z.ZodObject,
): z.ZodDiscriminatedUnion {
  const each = objectives.map((objective) =>
    z.discriminatedUnion('algorithm', some(algorithms.map((algorithm) => make(objective, algorithm)))),
  );
  return z.discriminatedUnion('objective', some(each));
}

const named = <N extends string>(name: N, names: readonly string[]): z.ZodType<N> =>
  name === names[0] ? z.literal(name).optional().default(name) : z.literal(name);

const objectives: readonly AnyObjective[] = objectiveNames.map((name) => ({
  name: named(name, objectiveNames),
  parts: objectiveOf({ objective: name }).parts,
}));

const algorithms: readonly AnyAlgorithm[] = algorithmNames.map((name) => ({
  name: named(name, algorithmNames),
  parts: algorithmNamed(name).parts,
}));

const some = <T>(list: readonly T[]): [T, ...T[]] => {
  const [first, ...rest] = list;
  return [first!, ...rest];
};
