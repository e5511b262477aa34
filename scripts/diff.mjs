// What a deploy would do, in four parts: `npm run diff -- --env dev [--local] [--rows N] [--json]`. `--local` asks no account.
import { availableParallelism } from 'node:os';
import { forEnvironment, load } from './environment.mjs';

const options = {
  local: { type: 'boolean', default: false },
  rows: { type: 'string', default: '1000000' },
  pipelines: { type: 'string' },
};

await forEnvironment(options, async (given) => {
  const { environment, values, root, print, projectFolder, output } = given;
  const plans = await given.plans(values.pipelines?.split(','));
  const { environmentStacks, millraceApp } = await load('lib/stacks/environment-stacks.ts');
  const { templatesIn } = await load('lib/deploy/cdk.ts');
  // The deploy itself validates; a comparison need not take the time.
  process.env.CDK_VALIDATION ??= 'false';
  const app = millraceApp(output);
  environmentStacks(app, { environment, plans, projectFolder });
  const { stacks } = app.synth();
  const templates = await templatesIn(output);
  const names = stacks.map((stack) => stack.stackName);
  const after = {
    environment,
    plans,
    templates: Object.fromEntries(Object.entries(templates).filter(([name]) => names.includes(name))),
  };

  const { kept } = await load('lib/deploy/last-deployment.ts');
  const { deployedNow, recomputedHere } = await load('lib/deploy/deployed-now.ts');
  const last = await kept(root, environment.name);
  let before = last;
  let judged = { recompute: last === undefined ? [] : recomputedHere(last, plans), judgedBy: 'the deployed plan' };
  if (!values.local) {
    const { reachedAccount } = await load('lib/deploy/account-access.ts');
    const { goTo, refuseOtherAccount } = await load('lib/deployed/deployed-pipeline.ts');
    goTo(environment);
    const account = reachedAccount(environment);
    refuseOtherAccount(environment, await account.identity());
    const known = [...new Set([...names, ...Object.keys(last?.templates ?? {})])];
    const there = await deployedNow(environment, known, account, plans);
    judged = there ?? { recompute: [], judgedBy: 'the ledger' };
    // Sizes are in no template; those of the last deploy from here are the best guess.
    before = there && { ...there, environment: last?.environment ?? environment };
  }
  const { prices } = await load('lib/cost/price-table.ts');
  const { measuredThroughput } = await load('lib/cost/throughput.ts');
  const { costEnvironmentOf } = await load('lib/cli/cost-environment.ts');
  const { difference } = await load('lib/deploy/diff/difference.ts');
  const { differenceText } = await load('lib/deploy/diff/text.ts');
  const against = before === undefined ? 'nothing' : values.local ? 'the last deploy from here' : 'the account';
  const found = difference({
    before: before ?? { templates: {} },
    after,
    against,
    recompute: judged.recompute,
    judgedBy: judged.judgedBy,
    question: (plan, of) => ({
      plan,
      prices,
      throughput: measuredThroughput(plan, [], availableParallelism()),
      environment: costEnvironmentOf(of, plan),
      size: { rows: Number(values.rows) },
    }),
  });
  print(found, differenceText(found));
});
