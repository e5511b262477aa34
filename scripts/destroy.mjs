// Destroys the stacks of an environment: `npm run destroy -- --env dev [--name dev] [--json]`.
import { forEnvironment, load } from './environment.mjs';

await forEnvironment(
  { name: { type: 'string' } },
  async ({ environment, values, root, print, projectFolder, output }) => {
    const { refuseUnnamed } = await load('lib/deploy/destroy.ts');
    refuseUnnamed(environment, values.name, process.stdin.isTTY === true && !values.json);
    const { checkAccount } = await load('lib/deploy/account.ts');
    const { reachedAccount } = await load('lib/deploy/account-access.ts');
    const account = await checkAccount(environment, reachedAccount(environment), process.env);
    const { cdk } = await load('lib/deploy/cdk.ts');
    const sure = values.name === undefined ? [] : ['--force'];
    await cdk(['destroy', '--all', ...sure], { projectFolder, env: environment.name, output, quiet: values.json });
    const { forget } = await load('lib/deploy/last-deployment.ts');
    await forget(root, environment.name);
    const retained = environment.removal === 'retain';
    const stays = retained
      ? 'buckets, tables, streams and the key stay, as environments.ts says: retain'
      : 'nothing is retained';
    print(
      { status: 'destroyed', environment: environment.name, account, retained },
      `${environment.name} is destroyed in ${account}, ${environment.region}; ${stays}\n`,
    );
  },
);
