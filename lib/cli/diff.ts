import { availableParallelism } from 'node:os';
import type { Comparison } from '../deploy/diff/difference.ts';
import type { Environment } from '../environment/environment.ts';
import type { PipelineFunction } from '../functions/pipeline-function.ts';
import {
  type EnvironmentAction,
  type EnvironmentOptions,
  environmentVerb,
  forEnvironment,
} from './environment-verb.ts';
import { wholeNumber } from './options.ts';
import type { Terminal } from './terminal.ts';

interface Options extends EnvironmentOptions {
  local?: boolean;
  rows: number;
  pipelines?: string;
}

export const diffCommand = (terminal: Terminal) =>
  environmentVerb(
    'diff',
    'show what a deploy would change: resources, data to recompute, monthly cost, wider permissions',
  )
    .option('--local', 'compare with the last deploy from this machine, without reading the account')
    .option('--rows <n>', 'number of rows for the cost forecast', wholeNumber, 1_000_000)
    .option('--pipelines <paths>', 'comma-separated definitions, instead of those of the environment')
    .action((options: Options) =>
      forEnvironment(options, terminal, (given) => compared(given, options, terminal.functions ?? [])),
    );

async function compared(
  { environment, root, output, answer }: EnvironmentAction,
  options: Options,
  functions: readonly PipelineFunction[],
): Promise<void> {
  const { loadPlan } = await import('../local/load.ts');
  const { templatesOf } = await import('./synthesis.ts');
  const plans = await Promise.all((options.pipelines?.split(',') ?? environment.pipelines).map(loadPlan));
  const { lastDeployment } = await import('../deploy/last-deployment.ts');
  const { deployedNow, recomputedHere } = await import('../deploy/deployed-now.ts');
  const { clusterToDeploy, timesMadeAgain } = await import('../deploy/persistent-cluster.ts');
  const { namesOf } = await import('../environment/names.ts');
  const last = await lastDeployment(root, environment.name);
  const reached = options.local ? undefined : await accountOf(environment);
  const madeAgain =
    reached === undefined
      ? (timesMadeAgain(last?.templates[namesOf(environment).stack('cluster')]) ?? 0)
      : (await clusterToDeploy(environment, reached.account)).madeAgain;
  const templates = await templatesOf(environment, plans, functions, output, madeAgain);
  const after = { environment, plans, templates };
  const stacks = Object.keys(templates);
  let before: Comparison['before'] | undefined = last;
  const { leftoverStacks, leftoverOf } = await import('../deploy/leftover-stacks.ts');
  let leftover = Object.entries(last?.templates ?? {})
    .filter(([stack]) => !stacks.includes(stack))
    .map(([stack, template]) => leftoverOf(stack, template, environment.region));
  let judged: Pick<Comparison, 'recompute' | 'judgedBy'> = {
    recompute: last === undefined ? [] : recomputedHere(last, plans),
    judgedBy: 'the deployed plan',
  };
  if (reached !== undefined) {
    const { account, bootstrap } = reached;
    const { refuseOtherAccount } = await import('../deployed/deployed-pipeline.ts');
    refuseOtherAccount(environment, await account.identity());
    leftover = await leftoverStacks(environment, stacks, account);
    const known = [...stacks, ...leftover.map(({ stack }) => stack)];
    const there = await deployedNow(environment, known, account, plans, bootstrap);
    judged = there ?? { recompute: [], judgedBy: 'the bookmarks' };
    // Templates do not contain the environment's sizes; the last deploy from here is the best guess.
    before = there && { ...there, environment: last?.environment ?? environment };
  }
  const { prices } = await import('../cost/price-table.ts');
  const { measuredThroughput } = await import('../cost/throughput.ts');
  const { costEnvironmentOf } = await import('./cost-environment.ts');
  const { difference } = await import('../deploy/diff/difference.ts');
  const { differenceText } = await import('../deploy/diff/text.ts');
  const found = difference({
    before: { ...before, templates: only(stacks, before?.templates) },
    after,
    against: before === undefined ? 'nothing' : options.local ? 'the last deploy from here' : 'the account',
    recompute: judged.recompute,
    judgedBy: judged.judgedBy,
    leftover,
    question: (plan, deployed) => ({
      plan,
      prices,
      throughput: measuredThroughput(plan, [], availableParallelism()),
      environment: costEnvironmentOf(deployed, plan),
      size: { rows: options.rows },
    }),
  });
  answer(found, differenceText(found));
}

/** Those of these stacks that exist. The others are left over. */
const only = (stacks: readonly string[], templates: Record<string, unknown> = {}) =>
  Object.fromEntries(Object.entries(templates).filter(([stack]) => stacks.includes(stack)));

/** The account of an environment; reads nothing yet. */
async function accountOf(environment: Environment) {
  const { reachedAccount } = await import('../deploy/account-access.ts');
  const { bootstrapOf } = await import('../environment/bootstrap.ts');
  const { projectFolder } = await import('../local/root.ts');
  const { useRegionOf } = await import('../deployed/deployed-pipeline.ts');
  useRegionOf(environment);
  const bootstrap = bootstrapOf(projectFolder);
  return { account: reachedAccount(environment, bootstrap), bootstrap };
}
