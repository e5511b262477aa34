import { dossierSchema, reviewSchema } from '../documents/model.ts';
import { existingDocument, readDocument } from '../lake/documents.ts';
import { layout } from '../lake/layout.ts';
import type { Objects } from '../lake/objects.ts';
import type { QualityPorts } from './ports.ts';

/** The documents that the gate reads in the lake. `hints`: what to do if one is missing or damaged. */
export const inLake = (
  objects: Objects,
  pipeline: string,
  hints: { dossier: string; review: string },
): Required<Pick<QualityPorts, 'dossier' | 'review'>> => ({
  dossier: (model, version) =>
    existingDocument(objects, layout.versionFile(pipeline, model, version, 'dossier'), {
      code: 'MR404',
      name: 'the dossier of the model',
      hint: hints.dossier,
      parse: (json) => dossierSchema.parse(json),
    }),
  review: (model, run) =>
    readDocument(objects, layout.review(pipeline, model, run), {
      code: 'MR404',
      name: 'the review of the training data',
      hint: hints.review,
      parse: (json) => reviewSchema.parse(json),
    }),
});
