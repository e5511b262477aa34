// What deploy, diff and destroy have in common: options, the environment's plans, and one way to end with issues.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loader } from '../bin/loader.mjs';

const jiti = await loader();
/** Imports a TypeScript file of the project, named from its root. */
export const load = (file) => jiti.import(path.join(import.meta.dirname, '..', file));

const common = {
  env: { type: 'string' },
  json: { type: 'boolean', default: false },
  root: { type: 'string', default: '.millrace' },
};

/** Runs `act({ environment, plans, values, root, ... })` for the environment that `--env` names. Its faults are told as issues. */
export async function forEnvironment(options, act) {
  const { MillraceError } = await load('lib/errors.ts');
  const { renderIssues } = await load('lib/cli/issues.ts');
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  let values = { json: process.argv.includes('--json') };
  try {
    try {
      values = parseArgs({ options: { ...common, ...options } }).values;
    } catch (error) {
      const issue = { code: 'MR706', path: process.argv.slice(2).join(' '), message: error.message.split('\n')[0] };
      throw new MillraceError([{ ...issue, hint: 'write it as `npm run deploy -- --env dev`' }], 2);
    }
    const { environments } = await load('environments.ts');
    const { environmentNamed } = await load('lib/environment/environment.ts');
    const { namesOf } = await load('lib/environment/names.ts');
    if (values.env === undefined) {
      const hint = `name one: --env ${Object.keys(environments).join(', --env ')}`;
      throw new MillraceError([{ code: 'MR706', path: '--env', message: 'there is no environment named', hint }], 2);
    }
    const environment = environmentNamed(environments, values.env);
    const names = namesOf(environment);
    const { loadPlan } = await load('lib/local/load.ts');
    const { projectFolder } = await load('lib/local/root.ts');
    const { onAws } = await load('lib/aws/faults.ts');
    const root = path.resolve(values.root);
    const print = (document, text) =>
      process.stdout.write(values.json ? `${JSON.stringify(document, undefined, 1)}\n` : text);
    const output = path.join(root, 'cdk.out', environment.name);
    const given = { environment, names, values, root, print, projectFolder, output };
    const plans = (others) => Promise.all((others ?? environment.pipelines).map(loadPlan));
    await onAws(environment.name, () => act({ ...given, plans }));
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    if (values.json) console.log(JSON.stringify({ status: 'failed', issues: error.issues }, undefined, 1));
    process.stderr.write(renderIssues(error.issues));
    process.exitCode = error.exitCode;
  }
}
