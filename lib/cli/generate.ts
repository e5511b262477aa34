import { access } from 'node:fs/promises';
import path from 'node:path';
import { x } from 'tinyexec';
import { MillraceError } from '../errors.ts';
import { pipelineFolder } from '../local/load.ts';
import { lackedPackage, pythonOf } from '../local/python.ts';
import { Root } from '../local/root.ts';
import { oneOrMore, verb, wholeNumber } from './options.ts';
import { type CommonOptions, counted, type Finish, printJson, type Terminal } from './terminal.ts';

interface Options extends CommonOptions {
  customers: number;
  seed: number;
  out?: string;
}

interface Generated {
  out: string;
  customers: number;
  new_customers: number;
  interactions: number;
  /** Null if all customers belong to one class. */
  best_possible: number | null;
}

export const generateCommand = (terminal: Terminal, finish: Finish) =>
  verb('generate', 'generate input data with planted, documented signal, noise and dirt')
    .argument('<pipeline>', 'a pipeline that has a generate.py')
    .option('--customers <n>', 'number of customers', oneOrMore, 20_000)
    .option('--seed <n>', 'the same seed gives the same bytes', wholeNumber, 42)
    .option('--out <dir>', 'output folder; by default the folder that `run` reads')
    .action(async (given: string, options: Options) => {
      const folder = pipelineFolder(given);
      const name = path.basename(folder);
      const script = path.join(folder, 'generate.py');
      await access(script).catch(() => {
        const message = `pipeline "${name}" has no generator`;
        throw new MillraceError([{ code: 'MR132', path: script, message, hint: 'pass input files with --data' }], 2);
      });
      const out = path.resolve(options.out ?? new Root(options.root).data(name));
      const python = await pythonOf('sail');
      const made = x(python, [
        script,
        '--customers',
        String(options.customers),
        '--seed',
        String(options.seed),
        '--out',
        out,
      ]);
      // Progress is shown as it arrives; on failure, the last line becomes the error message.
      const progress = (text: string) => text.split('\n').filter((line) => /^ *[\d.]+ s {2}/.test(line));
      made.process?.stderr?.on('data', (text: Buffer) => {
        for (const line of progress(text.toString())) terminal.err.write(`${line}\n`);
      });
      const { stdout, exitCode, stderr } = await made;
      if (exitCode !== 0) {
        const said = stderr.trim().split('\n').at(-1);
        const lacks = lackedPackage('sail', said ?? '');
        if (lacks !== undefined) throw new MillraceError([lacks], 5);
        const message = said === undefined || said === '' ? 'the generator was stopped' : said;
        const hint = 'fix the reported problem; --out writes to another folder, --customers makes less data';
        throw new MillraceError([{ code: 'MR133', path: out, message, hint }]);
      }
      const document = JSON.parse(stdout) as Generated;
      if (options.json) printJson(terminal, document);
      else {
        terminal.out.write(
          `${counted(document.customers, 'customer')}, ${counted(document.interactions, 'interaction')} in ${document.out}\n` +
            bestPossible(document),
        );
      }
      finish(0);
    });

const bestPossible = ({ best_possible: best }: Generated) =>
  best === null
    ? 'all customers belong to one class, so there is nothing to learn: generate more\n'
    : `the best that any model can reach on these data is ${best.toFixed(4)}\n`;
