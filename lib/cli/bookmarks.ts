import { Command } from 'commander';
import { rewind, set, withdraw } from '../bookmarks/by-hand.ts';
import { bookmarkFiles } from '../local/bookmark-ports.ts';
import { fileBookmarks } from '../local/bookmark-store.ts';
import { peekRequest } from '../local/claim-request.ts';
import { knownPipeline } from '../local/known-pipeline.ts';
import { loadPlan } from '../local/load.ts';
import { Root } from '../local/root.ts';
import { aPipeline, verb } from './options.ts';
import { type CommonOptions, columns, counted, type Finish, printJson, type Terminal, thousands } from './terminal.ts';

interface FileOptions extends CommonOptions {
  file?: string[];
  data?: string;
}

const fileOption = ['--file <path...>', 'only these inputs, as `bookmarks show --json` names them'] as const;

export const bookmarksCommand = (terminal: Terminal, finish: Finish) =>
  new Command('bookmarks')
    .description('show which inputs were read and which run holds a pipeline; read inputs again, skip or withdraw them')
    .addCommand(show(terminal, finish))
    .addCommand(rewindVerb(terminal, finish))
    .addCommand(setVerb(terminal, finish))
    .addCommand(withdrawVerb(terminal, finish));

/** The bookmarks below a root, and the name of the pipeline. Throws MR101 if there is no such pipeline. */
async function openBookmarks(given: string, options: CommonOptions) {
  const root = new Root(options.root);
  return { pipeline: await knownPipeline(given, root), store: fileBookmarks(root) };
}

const show = (terminal: Terminal, finish: Finish) =>
  verb('show', 'show the bookmarks of a pipeline: inputs read, last runs, current holder')
    .argument('<pipeline>', aPipeline)
    .action(async (given: string, options: CommonOptions) => {
      const { pipeline: name, store } = await openBookmarks(given, options);
      const state = await store.load(name);
      const sources = Object.entries(state.tasks).flatMap(([source, task]) =>
        task.files === undefined
          ? []
          : [{ source, run: task.run, files: Object.values(task.files).filter((file) => file.rewound !== true) }],
      );
      const { revision, sequence, claim, inDoubt } = state;
      if (options.json)
        printJson(terminal, { pipeline: name, revision, sequence, claim: claim ?? null, in_doubt: inDoubt, sources });
      else {
        const held = claim === undefined ? 'free' : `held by ${claim.holder} for ${claim.run} since ${claim.at}`;
        terminal.out.write(`${name}  revision ${revision}  ${counted(sequence, 'run')} so far  ${held}\n`);
        if (sources.length > 0) {
          const rows = sources.map(({ source, run, files }) => {
            const bytes = files.reduce((sum, file) => sum + file.size, 0);
            return [source, thousands(files.length), thousands(bytes), run];
          });
          terminal.out.write(columns([['source', 'files', 'bytes', 'last read by'], ...rows]));
        }
        const doubtful = Object.keys(inDoubt);
        if (doubtful.length > 0)
          terminal.out.write(`in doubt, so the next run does them again: ${doubtful.join(', ')}\n`);
      }
      finish(0);
    });

const rewindVerb = (terminal: Terminal, finish: Finish) =>
  verb('rewind', 'make the next run read inputs of a source again and replace their rows', { writes: true })
    .argument('<pipeline>', aPipeline)
    .argument('<source>', 'name of a source')
    .option(...fileOption)
    .action(async (given: string, source: string, options: FileOptions) => {
      const { pipeline, store } = await openBookmarks(given, options);
      const forgotten = await rewind({ pipeline, source, ...(options.file && { paths: options.file }) }, { store });
      answer(
        terminal,
        options,
        { pipeline, source, forgotten },
        `${counted(forgotten.length, 'input')} to be read again`,
      );
      finish(0);
    });

const withdrawVerb = (terminal: Terminal, finish: Finish) =>
  verb(
    'withdraw',
    'make the next run remove the rows of inputs; an input that still exists is not read again unless it changes',
  )
    .argument('<pipeline>', aPipeline)
    .argument('<source>', 'name of a source')
    .argument('<paths...>', 'inputs, as `bookmarks show --json` names them')
    .action(async (given: string, source: string, paths: string[], options: CommonOptions) => {
      const { pipeline, store } = await openBookmarks(given, options);
      const withdrawn = await withdraw({ pipeline, source, paths }, { store });
      answer(terminal, options, { pipeline, source, withdrawn }, `${counted(withdrawn.length, 'input')} withdrawn`);
      finish(0);
    });

const setVerb = (terminal: Terminal, finish: Finish) =>
  verb('set', 'mark inputs of a source as read: no run reads them', { writes: true })
    .argument('<pipeline>', aPipeline)
    .argument('<source>', 'name of a source')
    .option(...fileOption)
    .option('--data <dir>', 'the folder of input files')
    .action(async (name: string, source: string, options: FileOptions) => {
      const plan = await loadPlan(name);
      const root = new Root(options.root);
      const { parameters: _, ...request } = await peekRequest(plan, root, { data: options.data });
      const ports = bookmarkFiles(root, plan);
      const taken = await set({ ...request, source, ...(options.file && { paths: options.file }) }, ports);
      const text = `${counted(taken.length, 'input')} marked as read`;
      answer(terminal, options, { pipeline: plan.pipeline, source, taken }, text);
      finish(0);
    });

function answer(
  terminal: Terminal,
  options: CommonOptions,
  document: { pipeline: string; [key: string]: unknown },
  text: string,
): void {
  if (options.json) printJson(terminal, document);
  else terminal.out.write(`${text}; \`millrace plan ${document.pipeline}\` shows what the next run does\n`);
}
