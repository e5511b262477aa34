import { type EnvironmentOptions, environmentVerb, forEnvironment } from './environment-verb.ts';
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
        const account = await checkAccount(environment, reachedAccount(environment, bootstrap), process.env, bootstrap);
        const { cdk } = await import('../deploy/cdk.ts');
        const sure = options.name === undefined ? [] : ['--force'];
        await cdk(['destroy', '--all', ...sure], {
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
          { status: 'destroyed', environment: environment.name, account, retained },
          `${environment.name} is destroyed in ${account}, ${environment.region}; ${stays}\n`,
        );
      }),
    );
