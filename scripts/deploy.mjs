// Deploys the stacks of an environment: `npm run deploy -- --env dev [--yes] [--json]`. Whatever would make it fail is looked for first.
import { forEnvironment, load } from './environment.mjs';

await forEnvironment({ yes: { type: 'boolean', default: false } }, async (given) => {
  const { environment, names, values, root, print, projectFolder, output } = given;
  const plans = await given.plans();
  const { checkAccount } = await load('lib/deploy/account.ts');
  const { reachedAccount } = await load('lib/deploy/account-access.ts');
  const account = await checkAccount(environment, reachedAccount(environment), process.env);
  console.error(`deploying ${environment.name} to ${account}, ${environment.region}`);
  const { cdk, templatesIn } = await load('lib/deploy/cdk.ts');
  const asked = process.stdin.isTTY && !values.yes && !values.json;
  const started = performance.now();
  await cdk(['deploy', '--all', '--require-approval', asked ? 'broadening' : 'never'], {
    projectFolder,
    env: environment.name,
    output,
    quiet: values.json,
  });
  const templates = await templatesIn(output);
  const { keep } = await load('lib/deploy/last-deployment.ts');
  await keep(root, { environment, plans, templates });
  const seconds = Math.round(performance.now() - started) / 1000;
  const stacks = Object.keys(templates);
  const [pipeline] = environment.pipelines;
  print(
    { status: 'deployed', environment: environment.name, account, region: environment.region, stacks, seconds },
    `${environment.name} is deployed to ${account}, ${environment.region}: ${stacks.length} stacks in ${seconds.toFixed(0)} s
put input to  s3://${names.bucket('raw').replaceAll(/\$\{[^}]*\}/g, account)}/${pipeline}/
then watch    millrace run ${pipeline} --env ${environment.name}\n`,
  );
});
