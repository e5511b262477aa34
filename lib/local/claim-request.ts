import path from 'node:path';
import type { ParameterValues } from '../bookmarks/decide.ts';
import type { PeekRequest } from '../bookmarks/peek.ts';
import { MillraceError } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import { whereElse } from './data-folder.ts';
import { exists } from './folders.ts';
import { projectFolder, type Root } from './root.ts';

/** The claim request of a run on this machine. Throws MR201 if the data folder does not exist. */
export async function peekRequest(
  plan: Plan,
  root: Root,
  options: {
    data?: string | undefined;
    parameters?: ParameterValues;
    force?: readonly string[] | undefined;
    dropMissing?: boolean;
  },
): Promise<PeekRequest> {
  const data = options.data ?? root.data(plan.pipeline);
  if (!(await exists(data))) {
    const generator = path.join(projectFolder, 'pipelines', plan.pipeline, 'generate.py');
    const made = (await exists(generator)) ? `run \`millrace generate ${plan.pipeline}\`, or ` : '';
    const hint =
      options.data === undefined ? `${made}set the data folder with --data` : await whereElse(path.resolve(data));
    throw new MillraceError([{ code: 'MR201', path: data, message: 'the data folder does not exist', hint }]);
  }
  const parameters = {
    ...options.parameters,
    ...(options.force && { force: options.force }),
    ...(options.dropMissing === true && { drop_missing: 'true' }),
  };
  return { pipeline: plan.pipeline, plan: `${plan.pipeline} as loaded`, data: path.resolve(data), parameters };
}
