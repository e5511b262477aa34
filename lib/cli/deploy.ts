import { type EnvironmentOptions, environmentVerb, forEnvironment } from './environment-verb.ts';
import type { Terminal } from './terminal.ts';

interface Options extends EnvironmentOptions {
  yes?: boolean;
}

export const deployCommand = (terminal: Terminal) =>
  environmentVerb('deploy', 'deploy the stacks of an environment, after checking the account')
    .option('--yes', 'do not ask for approval of wider permissions')
    .action((options: Options) =>
      forEnvironment(options, terminal, async ({ environment, root, output, answer }) => {
        const { loadPlan } = await import('../local/load.ts');
        const { projectFolder } = await import('../local/root.ts');
        const plans = await Promise.all(environment.pipelines.map(loadPlan));
        const { checkAccount } = await import('../deploy/account.ts');
        const { reachedAccount } = await import('../deploy/account-access.ts');
        const { bootstrapOf } = await import('../environment/bootstrap.ts');
        const bootstrap = bootstrapOf(projectFolder);
        const account = await checkAccount(environment, reachedAccount(environment, bootstrap), process.env, bootstrap);
        terminal.err.write(`deploying ${environment.name} to ${account}, ${environment.region}\n`);
        const { cdk, templatesIn } = await import('../deploy/cdk.ts');
        const asks = process.stdin.isTTY === true && !options.yes && !options.json;
        const started = performance.now();
        await cdk(['deploy', '--all', '--require-approval', asks ? 'broadening' : 'never'], {
          projectFolder,
          env: environment.name,
          output,
          quiet: options.json === true,
        });
        const templates = await templatesIn(output);
        const { saveDeployment } = await import('../deploy/last-deployment.ts');
        await saveDeployment(root, { environment, plans, templates });
        const seconds = Math.round(performance.now() - started) / 1000;
        const stacks = Object.keys(templates);
        const [pipeline] = environment.pipelines;
        const { namesOf } = await import('../environment/names.ts');
        const bucket = namesOf(environment)
          .bucket('raw')
          .replaceAll(/\$\{[^}]*\}/g, account);
        answer(
          { status: 'deployed', environment: environment.name, account, region: environment.region, stacks, seconds },
          `${environment.name} is deployed to ${account}, ${environment.region}: ${stacks.length} stacks in ${seconds.toFixed(0)} s
put input in  s3://${bucket}/${pipeline}/
then watch    millrace run ${pipeline} --env ${environment.name}\n`,
        );
      }),
    );
