import { environments } from '../../environments.ts';
import { functions } from '../../lambdas/functions.ts';
import { loadPlan } from '../../lib/local/load.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { environmentStacks, millraceApp } from '../../lib/stacks/environment-stacks.ts';
import { recorded } from './environment.ts';

// The CDK app for the recording: like `bin/app.ts`, with the environment that is recorded.
const app = millraceApp();
const plans = await Promise.all(environments.twin.pipelines.map(loadPlan));
environmentStacks(app, { environment: recorded, plans, projectFolder, functions });
app.synth();
