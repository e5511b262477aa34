import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dossierSchema, modelSchema } from '../plan/model-schema.ts';
import { type RunDocument, runDocument } from '../plan/run-document.ts';
import type { Plan } from '../plan/schema.ts';
import { type ReportModel, renderReport } from '../report/index.ts';
import type { Clock } from './clock.ts';
import type { Root } from './root.ts';
import { queryPlans } from './run-logs.ts';

/** Draws `report.html` and writes `run.json` beside it. Returns the document with the report's path and time in it. */
export async function writeReport(root: Root, plan: Plan, document: RunDocument, clock: Clock): Promise<RunDocument> {
  const folder = root.run(document.run);
  const report = path.join(folder, 'report.html');
  const models: ReportModel[] = [];
  for (const { folder: from } of document.models) {
    const [dossier, model] = await Promise.all(
      ['dossier.json', 'model.json'].map((name) => readFile(path.join(from, name), 'utf8')),
    );
    models.push({ dossier: dossierSchema.parse(JSON.parse(dossier!)), model: modelSchema.parse(JSON.parse(model!)) });
  }
  const plans = await queryPlans(root, document.run);
  await writeFile(report, renderReport({ ...document, report }, models, plan, plans));
  clock.lap('report');
  const finished = runDocument.parse({ ...document, phases: clock.phases, seconds: clock.total(), report });
  await writeFile(path.join(folder, 'run.json'), JSON.stringify(finished, undefined, 1));
  return finished;
}
