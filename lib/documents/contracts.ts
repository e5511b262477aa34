import * as z from 'zod';
import { typesOfLearning } from '../learning/types.ts';
import { planSchema, typesOfPlan } from '../plan/schema.ts';
import { pipelineState } from './bookmark-state.ts';
import { dossierSchema, manifestSchema, modelSchema, reviewSchema, typesOfModel } from './model.ts';
import { type JsonSchema, pythonTypes } from './python-types.ts';
import { foundIssue, runDocument, typesOfTask } from './run-document.ts';
import { rowAccount, taskAccount, taskOutcome, typesOfOutcome } from './task-outcome.ts';
import { typesOfWork, workOrder } from './work-order.ts';

const names = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries({
  ...typesOfLearning,
  ...typesOfPlan,
  ...typesOfWork,
  ...typesOfTask,
  ...typesOfOutcome,
  ...typesOfModel,
})) {
  names.add(schema, { id });
}

const schemas = {
  plan: planSchema,
  work: workOrder,
  outcome: taskOutcome,
  run: runDocument,
  state: pipelineState,
  model: modelSchema,
  dossier: dossierSchema,
  manifest: manifestSchema,
  review: reviewSchema,
};
const typedOf = (schema: z.ZodType) => z.toJSONSchema(schema, { metadata: names }) as JsonSchema;
const schemaOf = (name: keyof typeof schemas) => z.toJSONSchema(schemas[name], { metadata: names });
const textOf = (name: keyof typeof schemas) => `${JSON.stringify(schemaOf(name), undefined, 2)}\n`;
const typed = (name: keyof typeof schemas) => typedOf(schemas[name]);

/** The documents that two languages or two releases share, as JSON Schema: file name in `contracts/` -> text. */
export function contractFiles(): Record<string, string> {
  const all = Object.keys(schemas) as (keyof typeof schemas)[];
  return Object.fromEntries(all.map((name) => [`${name}.schema.json`, textOf(name)]));
}

/** The copies for the engine, packed with it: file name below `glue-scripts/engine/` -> text. */
export function engineFiles(): Record<string, string> {
  return {
    'contracts/plan.schema.json': textOf('plan'),
    'contracts/work.schema.json': textOf('work'),
    'plan_types.py': pythonTypes(
      'The documents that the engine reads, and the task outcome that it reports.',
      {
        Plan: typed('plan'),
        WorkOrder: typed('work'),
        RowAccount: typedOf(rowAccount),
        TaskAccount: typedOf(taskAccount),
        TaskOutcome: typed('outcome'),
        FoundIssue: typedOf(foundIssue),
      },
      { bases: { TaskAccount: 'RowAccount', TaskOutcome: 'TaskAccount', FoundIssue: 'Issue' } },
    ),
    'model/document_types.py': pythonTypes(
      'The documents of a model.',
      { Model: typed('model'), Dossier: typed('dossier'), Manifest: typed('manifest'), Review: typed('review') },
      {
        names: {
          ModelChosen: 'Chosen',
          ModelGridItem: 'TriedPoint',
          DossierGridItem: 'TriedPoint',
          DossierSlicesItem: 'Slice',
          DossierLeaksItem: 'Leak',
          DossierComparisonsItem: 'Compared',
        },
      },
    ),
  };
}
