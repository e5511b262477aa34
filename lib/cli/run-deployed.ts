import { setTimeout as sleep } from 'node:timers/promises';
import { fault, onAws } from '../aws/faults.ts';
import { readParameters } from '../bookmarks/run-parameters.ts';
import { type Opened, openPipeline } from '../deployed/connect.ts';
import { follow } from '../deployed/follow.ts';
import type { RunParametersGiven } from '../deployed/ports.ts';
import type { RunDocument } from '../documents/run-document.ts';
import { MillraceError } from '../errors.ts';
import type { StartDecision } from '../runs/start-runs.ts';
import { isWatched, rendererFor } from './run-renderers.ts';
import { environmentOf, type Terminal } from './terminal.ts';

export interface DeployedRunOptions {
  env: string;
  json?: boolean;
  param: Record<string, string>;
  force?: string[];
  dropMissing?: boolean;
}

/** Interval between polls in milliseconds; Glue takes a minute to start. */
const pollEvery = () => Number(process.env['MILLRACE_LOOK_EVERY_MS'] ?? 2000);

/**
 * Starts a run of a deployed pipeline and reports its progress. Throws MR690 to MR697 if it cannot start; after an interrupt
 * (MR696) the run continues, unwatched.
 */
export async function runDeployed(name: string, options: DeployedRunOptions, terminal: Terminal): Promise<RunDocument> {
  const environment = environmentOf(terminal, options.env);
  return onAws(`${name} in ${options.env}`, async () => {
    const opened = await openPipeline(environment, name);
    const dropped = options.dropMissing === true && { drop_missing: 'true' };
    return watched(
      opened,
      { ...options.param, ...(options.force && { force: options.force }), ...dropped },
      options,
      terminal,
    );
  });
}

/** Starts a run with those parameters and watches it. */
export async function watched(
  { deployed, ports }: Opened,
  parameters: RunParametersGiven,
  { env, json }: { env: string; json?: boolean },
  terminal: Terminal,
): Promise<RunDocument> {
  const { pipeline } = deployed;
  const plan = await ports.plan();
  // Refuses bad parameters before anything is started.
  readParameters(plan, parameters);
  const run = startedRun(await ports.trigger(parameters), pipeline, env);
  terminal.err.write(`${run}  started in ${env} (${deployed.account}, ${deployed.environment.region})\n`);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const tree = isWatched(terminal.err, json);
  const renderer = rendererFor(terminal.err, json);
  const stages = new Set(plan.stages.map((stage) => stage.name));
  try {
    const document = await follow({
      plan,
      run,
      ports,
      emit: (event) => renderer.on(event),
      state: ({ state, change }) => {
        // The tree shows this by its tasks.
        const isShown = !tree && change === 'entered' && (stages.has(state) || waits.has(state));
        if (isShown) terminal.err.write(`${state} ...\n`);
      },
      pause: async () => {
        await sleep(pollEvery(), undefined, { signal: interrupted.signal }).catch(() => undefined);
        if (!interrupted.signal.aborted) return;
        const hint = `\`millrace status ${pipeline} --env ${env}\` shows its progress`;
        throw fault('MR696', run, 'no longer watched; the run continues', hint);
      },
    });
    await renderer.end();
    return document;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** States other than stages that can take long. */
const waits = new Set(['Claim', 'Commit', 'Abort']);

function startedRun(outcome: StartDecision, pipeline: string, env: string): string {
  if (outcome.started) return outcome.run;
  if (outcome.why === 'stopped') throw new MillraceError([outcome.issue]);
  const hint = `wait for it; \`millrace logs ${pipeline} --env ${env} --follow\` shows its log`;
  const which = outcome.why === 'running' ? outcome.run : 'the one just started';
  throw fault('MR694', `${pipeline} in ${env}`, `a run is already in progress: ${which}`, hint);
}
