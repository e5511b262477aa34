import { dossierSchema, modelSchema } from '../documents/model.ts';
import { type RunDocument, runDocument } from '../documents/run-document.ts';
import type { Issue } from '../errors.ts';
import { readCache } from '../lake/documents.ts';
import { layout, versionFiles } from '../lake/layout.ts';
import type { Plan } from '../plan/schema.ts';
import { type ReportModel, renderReport } from '../report/index.ts';
import type { Clock } from './events.ts';
import { localObjects } from './objects.ts';
import type { Root } from './root.ts';
import { queryPlans } from './run-logs.ts';

/** Renders `report.html` and writes `run.json` beside it. Returns the document including the report's path and time. */
export async function writeReport(root: Root, plan: Plan, document: RunDocument, clock: Clock): Promise<RunDocument> {
  const report = root.report(document.pipeline, document.run);
  const models: ReportModel[] = [];
  const issues = [...document.issues];
  for (const { folder: from } of document.models) {
    const [dossier, model] = await Promise.all([
      readCache(localObjects(from), versionFiles.dossier, dossierSchema.parse),
      readCache(localObjects(from), versionFiles.model, modelSchema.parse),
    ]);
    if (dossier !== undefined && model !== undefined) models.push({ dossier, model });
    else issues.push(unreadable(from));
  }
  const plans = await queryPlans(root, document.pipeline, document.run);
  await root.objects.write(
    layout.report(document.pipeline, document.run),
    renderReport({ ...document, issues, report }, models, plan, plans),
  );
  clock.lap('report');
  const finished = runDocument.parse({ ...document, issues, phases: clock.phases, seconds: clock.total(), report });
  await root.objects.write(layout.document(document.pipeline, document.run), JSON.stringify(finished, undefined, 1));
  return finished;
}

const unreadable = (folder: string): Issue => ({
  code: 'MR404',
  path: folder,
  message: 'the dossier or the model cannot be read, so the report leaves the model out',
  hint: 'restore the folder, or delete it and run again',
});
