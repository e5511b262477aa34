import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { onAws } from '../aws/faults.ts';
import { openPipeline } from '../deployed/connect.ts';
import { MillraceError } from '../errors.ts';
import type { ModelStore } from '../gate/model-store.ts';
import { tornLogs } from '../local/gate-ports.ts';
import { knownPipeline } from '../local/known-pipeline.ts';
import { modelFiles } from '../local/model-store.ts';
import { Root } from '../local/root.ts';
import { renderWarnings } from './issues.ts';
import type { Answer, ModelsRequest, Options } from './models/answer.ts';
import { promote, rollBack } from './models/by-hand.ts';
import { compare } from './models/compare.ts';
import { list } from './models/list.ts';
import { atTime } from './models/live-at.ts';
import { show } from './models/show.ts';
import { aPipeline, environmentOption, verb } from './options.ts';
import { environmentOf, type Finish, printJson, type Terminal } from './terminal.ts';

export const modelsCommand = (terminal: Terminal, finish: Finish) => {
  const under = (name: string, about: string, rest: string, action: (request: ModelsRequest) => Promise<Answer>) =>
    verb(name, about)
      .argument('<pipeline>', aPipeline)
      .argument('[words...]', rest)
      .addOption(environmentOption())
      .action(async (given: string, words: string[], options: Options) => {
        const pipeline = options.env === undefined ? await pipelineOf(name, given, new Root(options.root)) : given;
        const torn = options.env === undefined ? await tornIn(new Root(options.root), pipeline) : [];
        const answer = await opened(terminal, pipeline, options, (store) =>
          action({ pipeline, words, store, options }),
        );
        if (options.json) printJson(terminal, answer.document);
        else terminal.out.write(answer.text);
        terminal.err.write(renderWarnings(torn));
        finish(0);
      });
  return new Command('models')
    .description(
      'show the versions of the models, which one is or was live, and how they compare; promote a version or roll back',
    )
    .addCommand(under('list', 'list every version of each model, and which one is live', '[model]', list))
    .addCommand(under('show', 'show one version; by default the live one', '[model] [version]', show))
    .addCommand(
      under(
        'compare',
        'compare two versions; with one version, compare it with the live one',
        '[model] version [version]',
        compare,
      ),
    )
    .addCommand(under('promote', 'make a version live, even one that the gate held', '[model] version', promote))
    .addCommand(under('rollback', 'make the previous good version live again', '[model]', rollBack))
    .addCommand(
      under('live-at', 'show which version was live at a time, such as 2026-01-31T12:00Z', '[model] time', atTime),
    );
};

/** The name of a pipeline. If it is the name of a model, MR101 says which pipeline has that model. */
async function pipelineOf(under: string, given: string, root: Root): Promise<string> {
  try {
    return await knownPipeline(given, root);
  } catch (error) {
    const issue = error instanceof MillraceError ? error.issues[0] : undefined;
    if (issue?.code !== 'MR101') throw error;
    const owner = await ownerOf(given, root);
    if (owner === undefined) throw error;
    const hint = `${given} is a model of ${owner}: \`millrace models ${under} ${owner} ${given}\``;
    throw new MillraceError([{ ...issue, hint }], 2);
  }
}

/** The pipeline that has a model of that name in this root. */
async function ownerOf(model: string, root: Root): Promise<string | undefined> {
  const pipelines = await readdir(path.dirname(root.models('any'))).catch(() => []);
  for (const pipeline of pipelines.sort()) {
    if ((await modelFiles(root, pipeline).names()).includes(model)) return pipeline;
  }
  return undefined;
}

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
