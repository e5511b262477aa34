import type { RunDocument } from '../documents/run-document.ts';
import { readState } from '../local/bookmark-store.ts';
import { livePromotion, tornLogs } from '../local/gate-ports.ts';
import { loadPlan, pipelineNamed } from '../local/load.ts';
import { modelFiles } from '../local/model-store.ts';
import { Root } from '../local/root.ts';
import { renderIssues } from './issues.ts';
import { keptRuns, unreadableRuns } from './kept-runs.ts';
import { driftLine, liveLine } from './live-models.ts';
import { modelLine } from './model-tables.ts';
import { aPipeline, environmentOption, verb } from './options.ts';
import { quarantinedIn, readsTable, warningsOf } from './run-summary.ts';
import { statusDeployed } from './status-deployed.ts';
import { type CommonOptions, columns, counted, type Finish, printJson, seconds, type Terminal } from './terminal.ts';

export const statusCommand = (terminal: Terminal, finish: Finish) =>
  verb('status', 'show the last run, the tables and the live models of a pipeline')
    .argument('<pipeline>', aPipeline)
    .addOption(environmentOption())
    .action(async (given: string, options: CommonOptions & { env?: string }) => {
      if (options.env !== undefined) {
        await statusDeployed(given, { ...options, env: options.env }, terminal);
        return finish(0);
      }
      const name = await pipelineNamed(given);
      const root = new Root(options.root);
      const [state, { runs, unreadable }] = await Promise.all([readState(root, name), keptRuns(root, name)]);
      // A pipeline that never ran here must at least have a definition.
      if (runs.length === 0 && state.revision === 0) await loadPlan(given);
      const unread = unreadableRuns(root, name, unreadable);
      const last = runs.at(-1);
      const unfinished = state.lastRun !== undefined && state.lastRun !== last?.run ? state.lastRun : undefined;
      // Live models do not depend on the last run.
      const models = await modelFiles(root, name).names();
      const live = await Promise.all(
        models.map(async (model) => ({ name: model, live: await livePromotion(root, name, model) })),
      );
      const warnings = [...unread, ...(await tornLogs(root, name, models))];
      const tables = Object.entries(state.tasks).map(([task, entry]) => ({
        task,
        version: entry.version,
        run: entry.run,
      }));
      if (options.json) {
        printJson(terminal, {
          pipeline: name,
          last: last ?? null,
          unfinished: unfinished ?? null,
          tables,
          live,
          runs: runs.length,
          warnings,
        });
      } else if (last === undefined && unfinished === undefined) {
        terminal.out.write(`${name} has not run in ${root.folder}\n  try   millrace run ${given}\n`);
        for (const model of live) terminal.out.write(liveLine(model.name, model.live));
      } else {
        if (unfinished !== undefined) {
          terminal.out.write(
            `${unfinished}  was stopped before it ended; \`millrace run ${given}\` finishes its work\n`,
          );
        }
        if (last !== undefined) terminal.out.write(describe(last));
        terminal.out.write(
          columns([['task', 'version', 'run'], ...tables.map((t) => [t.task, String(t.version), t.run])]),
        );
        if (last !== undefined) terminal.out.write(readsTable(last));
        for (const model of live) terminal.out.write(liveLine(model.name, model.live));
        for (const { task, why } of last?.skipped ?? []) {
          if (why.startsWith('nothing new to learn')) terminal.out.write(`${task}: ${why}\n`);
        }
        for (const { model, drift } of last?.drift ?? []) terminal.out.write(driftLine(model, drift));
      }
      if (last !== undefined) terminal.err.write(warningsOf(last, terminal));
      terminal.err.write(renderIssues(warnings));
      finish(0);
    });

function describe(run: RunDocument): string {
  const lines = [
    `${run.run}  ${run.status}  ${run.started_at}  ${seconds(run.seconds)}  ${counted(run.tasks.length, 'task')}\n`,
  ];
  for (const model of run.models) lines.push(`${modelLine(model)}\n`);
  const quarantined = quarantinedIn(run);
  if (quarantined > 0) lines.push(`${counted(quarantined, 'row')} in quarantine\n`);
  if (run.report !== undefined) lines.push(`report ${run.report}\n`);
  return lines.join('') + renderIssues(run.issues);
}
