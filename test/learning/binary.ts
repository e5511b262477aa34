import type { Dossier, Model } from '../../lib/documents/model.ts';
import type { ModelResult } from '../../lib/documents/run-document.ts';
import type { TrainTask } from '../../lib/plan/schema.ts';

/** Documents of models of two classes, for tests that look into them. */

interface Named {
  objective: 'binary';
  algorithm: 'gradient-boosted-trees';
}

export type BinaryDossier = Extract<Dossier, Named>;
export type BinaryModel = Extract<Model, Named>;
export type BinaryResult = Extract<ModelResult, Named>;
export type BinaryComparison = NonNullable<BinaryDossier['comparisons']>[number];
export type BinaryGate = Extract<TrainTask, { objective: 'binary' }>['gate'];

/** The same document, known to be of two classes. Throws where it is not. */
export function asBinary<T extends { objective: string }>(document: T | undefined): T & { objective: 'binary' } {
  if (document === undefined || !isBinary(document)) throw new Error(`a model is ${document?.objective}, not binary`);
  return document;
}

const isBinary = <T extends { objective: string }>(document: T): document is T & { objective: 'binary' } =>
  document.objective === 'binary';
