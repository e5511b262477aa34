import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { issuesIn } from '../documents/issue-line.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { runEngine } from '../local/engine.ts';
import { placed } from '../local/issue-positions.ts';
import { loadPipeline } from '../local/load.ts';
import { checkedMark } from '../local/plan-cache.ts';
import { type Engine, lackedPackage } from '../local/python.ts';
import { Root } from '../local/root.ts';
import { canonicalJson } from '../plan/canonical-json.ts';
import type { Plan } from '../plan/schema.ts';
import { runsSql } from '../plan/task-kinds.ts';
import { renderIssues, renderWarnings } from './issues.ts';
import { aPipeline, engineOption, verb } from './options.ts';
import { type CommonOptions, counted, type Finish, printJson, type Terminal } from './terminal.ts';

export const checkCommand = (terminal: Terminal, finish: Finish) =>
  verb('check', 'analyse a definition and all its SQL before any data is read')
    .argument('<pipeline>', aPipeline)
    .addOption(engineOption())
    .action(async (name: string, options: CommonOptions & { engine: Engine }) => {
      const { plan, issues } = await loadPipeline(name);
      const { issues: found, warnings } =
        plan === undefined ? { issues, warnings: [] } : await engineIssues(plan, options.engine);
      if (plan !== undefined && found.length === 0) {
        // If this cannot be stored, the next run analyses the SQL again.
        await new Root(options.root).objects.write(checkedMark(plan), '').catch(() => undefined);
      }
      const lineage = Object.fromEntries((plan?.tasks ?? []).filter(runsSql).map((task) => [task.name, task.lineage]));
      if (options.json)
        printJson(terminal, { status: found.length === 0 ? 'ok' : 'failed', issues: found, warnings, lineage });
      terminal.err.write(renderWarnings(warnings));
      terminal.err.write(renderIssues(found));
      const transforms = Object.keys(lineage).length;
      if (found.length === 0) terminal.err.write(`${name}: ${counted(transforms, 'SQL file')} checked, no issues\n`);
      else terminal.err.write(`\n${name}: ${counted(found.length, 'issue')}\n`);
      finish(found.length === 0 ? 0 : 1);
    });

async function engineIssues(plan: Plan, engine: Engine): Promise<{ issues: Issue[]; warnings: Issue[] }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'millrace-'));
  try {
    const file = path.join(folder, 'plan.json');
    await writeFile(file, canonicalJson(plan));
    let issues: (Issue & { column?: string | undefined })[] | undefined;
    let warnings: Issue[] = [];
    const exit = await runEngine(engine, ['--plan', file, '--check'], undefined, (event) => {
      if (event.event !== 'check.done') return;
      issues = event.issues;
      warnings = event.warnings ?? [];
    });
    if (issues === undefined) {
      const lacks = lackedPackage(engine, exit.tail.trim().split('\n').at(-1) ?? '');
      if (lacks !== undefined) throw new MillraceError([lacks], 5);
      // An error before the check is in the last line of the output.
      const said = issuesIn(exit.tail);
      if (said.length > 0) return { issues: said, warnings };
      const hint = 'run `millrace doctor`';
      const message = `the engine ended early: ${exit.tail.trim().slice(-300)}`;
      return { issues: [{ code: 'MR509', path: 'engine', message, hint }], warnings };
    }
    return { issues: await placed(issues, plan), warnings };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
