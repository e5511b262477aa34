import { delivery, environments } from '../environments.ts';
import { functions } from '../lambdas/functions.ts';
import { renderIssues } from '../lib/cli/issues.ts';
import { environmentNamed } from '../lib/environment/environment.ts';
import { MillraceError } from '../lib/errors.ts';
import { loadPlan } from '../lib/local/load.ts';
import { projectFolder } from '../lib/local/root.ts';
import { DeliveryStack } from '../lib/stacks/delivery-stack.ts';
import { environmentStacks, millraceApp } from '../lib/stacks/environment-stacks.ts';
import { pasteable } from '../lib/words.ts';

/** The CDK app: `cdk deploy -c env=prod --all`; default `dev`. `-c pipelines=PATH,PATH` uses those definitions, `-c clusterMadeAgain=N` replaces a persistent cluster that has ended, `-c delivery=true` adds the delivery stack. */
try {
  const app = millraceApp();
  const environment = environmentNamed(environments, String(app.node.tryGetContext('env') ?? 'dev'));
  const others = app.node.tryGetContext('pipelines') as string | undefined;
  const plans = await Promise.all((others?.split(',') ?? environment.pipelines).map(loadPlan));
  const clusterMadeAgain = Number(app.node.tryGetContext('clusterMadeAgain') ?? 0);
  environmentStacks(app, { environment, plans, projectFolder, functions, clusterMadeAgain });
  if (delivery !== undefined && app.node.tryGetContext('delivery') !== undefined) {
    const { prefix, account, region, environments: names } = delivery;
    new DeliveryStack(app, prefix, {
      env: { account, region },
      delivery,
      prefix,
      environments: names.map((name) => environmentNamed(environments, name)),
    });
  }
  app.synth();
} catch (error) {
  if (!(error instanceof MillraceError)) throw error;
  process.stderr.write(pasteable(renderIssues(error.issues)));
  process.exitCode = error.exitCode;
}
