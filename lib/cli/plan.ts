import { peek } from '../bookmarks/peek.ts';
import { bookmarkFiles } from '../local/bookmark-ports.ts';
import { peekRequest } from '../local/claim-request.ts';
import { loadPlan } from '../local/load.ts';
import { Root } from '../local/root.ts';
import { renderWarnings } from './issues.ts';
import { aPipeline, dropMissingOption, forceOption, parameterOption, verb } from './options.ts';
import { type CommonOptions, columns, counted, type Finish, printJson, styleFor, type Terminal } from './terminal.ts';

interface Options extends CommonOptions {
  data?: string;
  param: Record<string, string>;
  force?: string[];
  dropMissing?: boolean;
}

export const planCommand = (terminal: Terminal, finish: Finish) =>
  verb('plan', 'show which tasks the next run will execute, and why')
    .argument('<pipeline>', aPipeline)
    .option('--data <dir>', 'the folder of input files')
    .addOption(parameterOption())
    .addOption(forceOption())
    .addOption(dropMissingOption())
    .action(async (name: string, options: Options) => {
      const plan = await loadPlan(name);
      const root = new Root(options.root);
      const request = await peekRequest(plan, root, {
        data: options.data,
        parameters: options.param,
        force: options.force,
        dropMissing: options.dropMissing === true,
      });
      const { decisions, warnings } = await peek(request, bookmarkFiles(root, plan));
      const why = new Map(decisions.items.map((item) => [item.task, item]));
      const rows = plan.tasks.map((task) => {
        const item = why.get(task.name);
        const skipped = decisions.skipped.find((entry) => entry.task === task.name);
        return {
          task: task.name,
          kind: task.kind,
          run: item !== undefined,
          mode: item?.mode ?? null,
          why: item?.why ?? skipped?.why ?? '',
        };
      });
      if (options.json) printJson(terminal, { pipeline: plan.pipeline, tasks: rows, warnings, plan });
      else {
        const style = styleFor(terminal.out);
        const table = columns(
          rows.map((row) => [row.run ? 'run ' : 'skip', row.task, row.kind, row.mode ?? '', row.why]),
        );
        terminal.out.write(
          table
            .replace(/^ {2}run .*$/gm, (line) => style('bold', line))
            .replace(/^ {2}skip.*$/gm, (line) => style('dim', line)),
        );
        const running = rows.filter((row) => row.run).length;
        terminal.err.write(
          running === 0 ? 'nothing to do\n' : `${running} of ${counted(rows.length, 'task')} would run\n`,
        );
      }
      terminal.err.write(renderWarnings(warnings));
      finish(0);
    });
