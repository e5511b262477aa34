import { Command } from 'commander';
import { onAws } from '../aws/faults.ts';
import { openPipeline } from '../deployed/connect.ts';
import type { ModelStore } from '../gate/model-store.ts';
import { tornLogs } from '../local/gate-ports.ts';
import { knownPipeline } from '../local/known-pipeline.ts';
import { modelFiles } from '../local/model-store.ts';
import { Root } from '../local/root.ts';
import { renderWarnings } from './issues.ts';
import type { Asked, Options, Said } from './models/asked.ts';
import { promote, rollBack } from './models/by-hand.ts';
import { compare } from './models/compare.ts';
import { list } from './models/list.ts';
import { atTime } from './models/live-at.ts';
import { show } from './models/show.ts';
import { aPipeline, environmentOption, verb } from './options.ts';
import { environmentOf, type Finish, printJson, type Terminal } from './terminal.ts';

export const modelsCommand = (terminal: Terminal, finish: Finish) => {
  const under = (name: string, about: string, rest: string, action: (asked: Asked) => Promise<Said>) =>
    verb(name, about)
      .argument('<pipeline>', aPipeline)
      .argument('[words...]', rest)
      .addOption(environmentOption())
      .action(async (given: string, words: string[], options: Options) => {
        const pipeline = options.env === undefined ? await knownPipeline(given, new Root(options.root)) : given;
        const torn = options.env === undefined ? await tornIn(new Root(options.root), pipeline) : [];
        const said = await opened(terminal, pipeline, options, (store) => action({ pipeline, words, store, options }));
        if (options.json) printJson(terminal, said.document);
        else terminal.out.write(said.text);
        terminal.err.write(renderWarnings(torn));
        finish(0);
      });
  return new Command('models')
    .description('the versions of the models: what is live, what was, how they compare; promote one, or roll back')
    .addCommand(under('list', 'every version of each model, and what is live', '[model]', list))
    .addCommand(under('show', 'one version: the live one unless named', '[model] [version]', show))
    .addCommand(
      under(
        'compare',
        'two versions: the live one and another unless both are named',
        '[model] version [version]',
        compare,
      ),
    )
    .addCommand(under('promote', 'make a version live, whatever the gate said', '[model] version', promote))
    .addCommand(under('rollback', 'make the good version before the live one live again', '[model]', rollBack))
    .addCommand(under('live-at', 'which version was live at a time, as 2026-01-31T12:00Z', '[model] time', atTime));
};

const tornIn = async (root: Root, pipeline: string) =>
  tornLogs(root, pipeline, await modelFiles(root, pipeline).names());

async function opened<T>(
  terminal: Terminal,
  pipeline: string,
  options: Options,
  action: (store: ModelStore) => Promise<T>,
): Promise<T> {
  if (options.env === undefined) return action(modelFiles(new Root(options.root), pipeline));
  const environment = environmentOf(terminal, options.env);
  return onAws(`${pipeline} in ${options.env}`, async () => {
    const found = await openPipeline(environment, pipeline);
    const { deployedModels } = await import('../deployed/models.ts');
    return action(deployedModels(found));
  });
}
