import type * as z from 'zod';
import { algorithmNamed, algorithmNames, objectiveNames, objectiveOf } from './learning.ts';

const capital = (name: string) => name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

const ofObjectives = objectiveNames.map((objective): Record<string, z.ZodType> => {
  const { metrics, rows, gate, types } = objectiveOf({ objective }).parts;
  const named = Object.entries({ Metrics: metrics, Rows: rows, Gate: gate, ...types });
  return Object.fromEntries(named.map(([name, schema]) => [capital(objective) + name, schema]));
});

const ofAlgorithms = algorithmNames.map((algorithm): Record<string, z.ZodType> => {
  const { planned, types } = algorithmNamed(algorithm).parts;
  return { [capital(algorithm)]: planned, ...types };
});

/** Names of the generated Python types. Types of an objective start with its name. */
export const typesOfLearning: Readonly<Record<string, z.ZodType>> = Object.assign({}, ...ofObjectives, ...ofAlgorithms);
