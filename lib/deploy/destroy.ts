import { fault } from '../aws/faults.ts';
import type { Environment } from '../environment/environment.ts';

/**
 * Throws MR704 unless the one who destroys has typed the environment's name: where data are retained always, elsewhere when nobody is
 * there whom CDK could ask.
 */
export function refuseUnnamed(
  { name, removal }: Pick<Environment, 'name' | 'removal'>,
  typed: string | undefined,
  asks: boolean,
): void {
  if (typed === name || (typed === undefined && removal === 'destroy' && asks)) return;
  const message =
    typed === undefined ? `${name} is not destroyed unless its name is typed` : `"${typed}" is not ${name}`;
  throw fault('MR704', `npm run destroy -- --env ${name}`, message, `add --name ${name}`, 2);
}
