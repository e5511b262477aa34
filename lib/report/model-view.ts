import type { Dossier, Model } from '../documents/model.ts';
import type { ModelResult, RunDocument } from '../documents/run-document.ts';
import type { Plan, TrainTask } from '../plan/schema.ts';
import { learns } from '../plan/task-kinds.ts';

/** A model as the report receives it: its dossier, and its artefact if libraries and data versions are shown. */
export interface ReportModel {
  readonly dossier: Dossier;
  readonly model?: Model;
}

/** A model of this run with its documents. */
export interface ModelView {
  result: ModelResult;
  dossier?: Dossier;
  model?: Model;
  task?: TrainTask;
}

export function modelViews(run: RunDocument, models: readonly ReportModel[], plan: Plan): ModelView[] {
  return run.models.map((result) => {
    const given = models.find((m) => m.dossier.name === result.name && m.dossier.model_version === result.version);
    const task = plan.tasks.filter(learns).find(({ model }) => model === result.name);
    return { result, ...(given !== undefined && given), ...(task !== undefined && { task }) };
  });
}
