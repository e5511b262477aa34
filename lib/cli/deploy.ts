import type { ReachedAccount } from '../deploy/account-access.ts';
import type { LeftoverStack } from '../deploy/leftover-stacks.ts';
import type { Environment } from '../environment/environment.ts';
import { type EnvironmentOptions, environmentVerb, forEnvironment } from './environment-verb.ts';
import { removed, says } from './stacks.ts';
import { counted, type Terminal } from './terminal.ts';

interface Options extends EnvironmentOptions {
  yes?: boolean;
  prune?: boolean;
}

export const deployCommand = (terminal: Terminal) =>
  environmentVerb('deploy', 'deploy the stacks of an environment, after checking the account')
    .option('--yes', 'do not ask for approval of wider permissions')
    .option('--prune', 'delete stacks that the environment no longer has, without asking')
    .action((options: Options) =>
      forEnvironment(options, terminal, async ({ environment, root, output, answer }) => {
        const { loadPlan } = await import('../local/load.ts');
        const { projectFolder } = await import('../local/root.ts');
        const plans = await Promise.all(environment.pipelines.map(loadPlan));
        const { checkAccount } = await import('../deploy/account.ts');
        const { reachedAccount } = await import('../deploy/account-access.ts');
        const { bootstrapOf } = await import('../environment/bootstrap.ts');
        const bootstrap = bootstrapOf(projectFolder);
        const port = reachedAccount(environment, bootstrap);
        const account = await checkAccount(environment, port, process.env, bootstrap);
        terminal.err.write(`deploying ${environment.name} to ${account}, ${environment.region}\n`);
        const { clusterToDeploy } = await import('../deploy/persistent-cluster.ts');
        const { madeAgain, ended } = await clusterToDeploy(environment, port);
        if (ended !== undefined) terminal.err.write(`the cluster ${ended} has ended: it is made again\n`);
        const { cdk, templatesIn } = await import('../deploy/cdk.ts');
        const asks = process.stdin.isTTY === true && !options.yes && !options.json;
        const started = performance.now();
        const cluster = ['--context', `clusterMadeAgain=${madeAgain}`];
        await cdk(['deploy', '--all', '--require-approval', asks ? 'broadening' : 'never', ...cluster], {
          projectFolder,
          env: environment.name,
          output,
          quiet: options.json === true,
        });
        const templates = await templatesIn(output);
        const { saveDeployment } = await import('../deploy/last-deployment.ts');
        await saveDeployment(root, { environment, plans, templates });
        const stacks = Object.keys(templates);
        const leftover = await pruned(environment, stacks, port, terminal, options.prune === true, asks);
        const seconds = Math.round(performance.now() - started) / 1000;
        const [pipeline] = environment.pipelines;
        const { namesOf } = await import('../environment/names.ts');
        const bucket = namesOf(environment)
          .bucket('raw')
          .replaceAll(/\$\{[^}]*\}/g, account);
        const { name, region } = environment;
        answer(
          { status: 'deployed', environment: name, account, region, stacks, leftover, seconds },
          `${name} is deployed to ${account}, ${region}: ${stacks.length} stacks in ${seconds.toFixed(0)} s
put input in  s3://${bucket}/${pipeline}/
then watch    millrace run ${pipeline} --env ${name}\n`,
        );
      }),
    );

/** The stacks that the environment no longer has, and whether they were deleted: with `--prune`, or after a yes on a terminal. */
async function pruned(
  environment: Environment,
  stacks: readonly string[],
  account: ReachedAccount,
  { err }: Terminal,
  prune: boolean,
  asks: boolean,
): Promise<(LeftoverStack & { deleted: boolean })[]> {
  const { leftoverLines, leftoverStacks } = await import('../deploy/leftover-stacks.ts');
  const found = await leftoverStacks(environment, stacks, account);
  if (found.length === 0) return [];
  err.write(`${counted(found.length, 'stack')} that ${environment.name} no longer has\n${leftoverLines(found)}`);
  if (!prune && !(asks && (await says('delete them? [y/N] ')))) {
    err.write(`  try   npm run deploy -- --env ${environment.name} --prune\n`);
    return found.map((each) => ({ ...each, deleted: false }));
  }
  await removed(found, account, err);
  return found.map((each) => ({ ...each, deleted: true }));
}
