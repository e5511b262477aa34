import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Dossier, dossierSchema } from '../plan/model-schema.ts';
import { type RunDocument, runDocument } from '../plan/run-document.ts';
import type { Plan } from '../plan/schema.ts';
import { renderReport } from '../report/index.ts';
import type { Clock } from './clock.ts';
import type { Root } from './root.ts';

/** Draws `report.html` and writes `run.json` beside it. Returns the document with the report's path and time in it. */
export async function writeReport(root: Root, plan: Plan, document: RunDocument, clock: Clock): Promise<RunDocument> {
  const folder = root.run(document.run);
  const report = path.join(folder, 'report.html');
  const models: { dossier: Dossier }[] = [];
  for (const model of document.models) {
    const text = await readFile(path.join(model.folder, 'dossier.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) models.push({ dossier: dossierSchema.parse(JSON.parse(text)) });
  }
  await writeFile(report, renderReport({ ...document, report }, models, plan));
  clock.lap('report');
  const finished = runDocument.parse({ ...document, phases: clock.phases, seconds: clock.total(), report });
  await writeFile(path.join(folder, 'run.json'), JSON.stringify(finished, undefined, 1));
  return finished;
}
