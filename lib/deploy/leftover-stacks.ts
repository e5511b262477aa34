import { environmentTag } from '../compute/tags.ts';
import { idleUsd } from '../cost/idle.ts';
import { prices } from '../cost/price-table.ts';
import { isPriced } from '../cost/prices.ts';
import { usd } from '../cost/range.ts';
import type { Environment } from '../environment/environment.ts';
import { counted } from '../words.ts';
import type { AccountPort } from './account.ts';
import { statefulTypes } from './diff/resources.ts';
import type { Resource, Template } from './diff/template.ts';

/** A stack of an environment that its app no longer has, such as the network after a change back to Glue. */
export interface LeftoverStack {
  stack: string;
  resources: number;
  /** Types of the resources that hold data and are deleted with the stack. */
  stateful: string[];
  /** What its resources cost a month if nothing uses them. Undefined for a region without prices. */
  usdPerMonth: number | undefined;
}

/**
 * The stacks of an environment that are deployed and not among `current`, the newest first: a stack can only be deleted after those that
 * import its outputs. Only stacks with the environment's prefix and tag count; stacks of other apps never do.
 */
export async function leftoverStacks(
  environment: Pick<Environment, 'name' | 'prefix' | 'region'>,
  current: readonly string[],
  account: Pick<AccountPort, 'stacks' | 'template'>,
): Promise<LeftoverStack[]> {
  const { name, prefix, region } = environment;
  const found = (await account.stacks())
    .filter((stack) => stack.name.startsWith(`${prefix}-`) && stack.tags[environmentTag] === name)
    .filter((stack) => !current.includes(stack.name))
    .sort((a, b) => b.created.getTime() - a.created.getTime());
  return Promise.all(found.map(async ({ name: stack }) => leftoverOf(stack, await account.template(stack), region)));
}

export function leftoverOf(stack: string, template: unknown, region: string): LeftoverStack {
  const resources = Object.values(((template ?? {}) as Template).Resources ?? {});
  return {
    stack,
    resources: resources.length,
    stateful: [...new Set(resources.filter(isLost).map(({ Type }) => Type))].sort(),
    usdPerMonth: isPriced(region) ? idleUsd(resources, region, prices) : undefined,
  };
}

const isLost = ({ Type, DeletionPolicy = 'Delete' }: Resource) =>
  statefulTypes.includes(Type) && !DeletionPolicy.startsWith('Retain');

/** One line for each stack. */
export const leftoverLines = (stacks: readonly LeftoverStack[]): string =>
  stacks
    .map(({ stack, resources, stateful, usdPerMonth }) => {
      const held = stateful.length === 0 ? '' : `  HOLDS DATA (${stateful.join(', ')})`;
      const cost = usdPerMonth === undefined ? '' : `, ${usd(usdPerMonth)} a month if unused`;
      return `  ${stack}  ${counted(resources, 'resource')}${cost}${held}\n`;
    })
    .join('');
