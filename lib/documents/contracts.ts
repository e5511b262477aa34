import * as z from 'zod';
import { planSchema } from '../plan/schema.ts';
import { pipelineState } from './bookmark-state.ts';
import { dossierSchema, manifestSchema, modelSchema, reviewSchema } from './model.ts';
import { runDocument } from './run-document.ts';
import { workOrder } from './work-order.ts';

/** The documents that two languages or two releases share, as JSON Schema: file name in `contracts/` -> its text. */
export function contractFiles(): Record<string, string> {
  const schemas = {
    plan: planSchema,
    work: workOrder,
    run: runDocument,
    state: pipelineState,
    model: modelSchema,
    dossier: dossierSchema,
    manifest: manifestSchema,
    review: reviewSchema,
  };
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      `${name}.schema.json`,
      `${JSON.stringify(z.toJSONSchema(schema), undefined, 2)}\n`,
    ]),
  );
}
