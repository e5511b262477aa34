import { type EnvironmentOptions, environmentVerb, forEnvironment } from './environment-verb.ts';
import { removed, says } from './stacks.ts';
import type { Terminal } from './terminal.ts';

interface Options extends EnvironmentOptions {
  name?: string;
}

export const destroyCommand = (terminal: Terminal) =>
  environmentVerb('destroy', 'destroy the stacks of an environment')
    .option('--name <name>', 'the name of the environment again, to confirm that its data may be lost')
    .action((options: Options) =>
      forEnvironment(options, terminal, async ({ environment, root, output, answer }) => {
        const { refuseUnnamed } = await import('../deploy/destroy.ts');
        refuseUnnamed(environment, options.name, process.stdin.isTTY === true && !options.json);
        const { checkAccount } = await import('../deploy/account.ts');
        const { reachedAccount } = await import('../deploy/account-access.ts');
        const { projectFolder } = await import('../local/root.ts');
        const { bootstrapOf } = await import('../environment/bootstrap.ts');
        const bootstrap = bootstrapOf(projectFolder);
        const port = reachedAccount(environment, bootstrap);
        const account = await checkAccount(environment, port, process.env, bootstrap);
        const { loadPlan } = await import('../local/load.ts');
        const plans = await Promise.all(environment.pipelines.map(loadPlan));
        const { templatesOf } = await import('./synthesis.ts');
        const stacks = Object.keys(await templatesOf(environment, plans, terminal.functions ?? [], output));
        const { leftoverLines, leftoverStacks } = await import('../deploy/leftover-stacks.ts');
        const leftover = await leftoverStacks(environment, stacks, port);
        terminal.err.write(`${stacks.map((stack) => `  ${stack}\n`).join('')}${leftoverLines(leftover)}`);
        const question = `destroy these ${stacks.length + leftover.length} stacks in ${account}? [y/N] `;
        if (options.name === undefined && !(await says(question))) {
          const kept = { status: 'kept', environment: environment.name, account };
          return answer(kept, `${environment.name} stays as it is\n`);
        }
        await removed(leftover, port, terminal.err);
        const { cdk } = await import('../deploy/cdk.ts');
        await cdk(['destroy', '--all', '--force'], {
          projectFolder,
          env: environment.name,
          output,
          quiet: options.json === true,
        });
        const { deleteDeployment } = await import('../deploy/last-deployment.ts');
        await deleteDeployment(root, environment.name);
        const retained = environment.removal === 'retain';
        const stays = retained
          ? 'buckets, tables, streams and the key are retained (removal: retain in environments.ts)'
          : 'nothing is retained';
        answer(
          { status: 'destroyed', environment: environment.name, account, stacks, leftover, retained },
          `${environment.name} is destroyed in ${account}, ${environment.region}; ${stays}\n`,
        );
      }),
    );
