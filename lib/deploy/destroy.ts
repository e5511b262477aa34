import { fault } from '../aws/faults.ts';
import type { Environment } from '../environment/environment.ts';

/**
 * Throws MR704 unless the user has typed the environment's name. It is required if data are retained, and if there is no terminal on
 * which CDK could ask.
 */
export function refuseUnnamed(
  { name, removal }: Pick<Environment, 'name' | 'removal'>,
  typed: string | undefined,
  asks: boolean,
): void {
  if (typed === name || (typed === undefined && removal === 'destroy' && asks)) return;
  const message =
    typed === undefined ? `${name} is only destroyed after its name is typed` : `"${typed}" is not ${name}`;
  throw fault('MR704', `npm run destroy -- --env ${name}`, message, `add --name ${name}`, 2);
}
