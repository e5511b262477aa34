import { computeKinds, kindOf, kindsOf } from '../compute/compute.ts';
import { integration } from '../compute/integration.ts';
import type { States } from '../compute/kind.ts';
import { caught, final, transient, unanswered } from '../compute/retries.ts';
import type { Plan, Stage } from '../plan/schema.ts';
import { learns, scores as usesModel } from '../plan/task-kinds.ts';
/**
 * Compiles a plan to Amazon States Language in JSONata mode: one document for laptop and AWS, which differ in `${Substitutions}`.
 * Input: {run, plan, root, data, parameters}, all strings except `parameters`, an object. A run claims its work, executes the stages
 * that have work, judges candidates in between, and commits.
 */
export function stateMachine(plan: Plan): Record<string, unknown> {
  const trainingStages = new Set(plan.tasks.filter(learns).map((task) => task.stage));
  const states: Record<string, unknown> = {};
  const shared = kindsOf(plan).flatMap((compute) => {
    const kept = computeKinds[compute].states.shared;
    return kept === undefined ? [] : [{ ...kept, last: plan.stages.findLast((stage) => stage.compute === compute) }];
  });
  const afterFault = shared[0]?.afterFault ?? 'Abort';
  const entrance = (stage: Stage | undefined) => (stage === undefined ? 'Commit' : `${stage.name} wanted?`);
  plan.stages.forEach((stage, i) => {
    const after = entrance(plan.stages[i + 1]);
    const release = shared.find(({ last }) => last === stage)?.release(after);
    const next = release?.entrance ?? after;
    const judged = trainingStages.has(stage.name);
    const scores = plan.tasks.some((task) => task.stage === stage.name && usesModel(task));
    Object.assign(states, stageStates(plan, stage, judged ? 'Candidates?' : next, next, scores, afterFault));
    if (judged) Object.assign(states, gateStates(plan, next, afterFault));
    if (release !== undefined) Object.assign(states, release.states);
  });
  return {
    Comment: `Millrace pipeline ${plan.pipeline}`,
    QueryLanguage: 'JSONata',
    TimeoutSeconds:
      [...plan.stages.map((stage) => stage.timeoutSeconds), ...shared.map(({ seconds }) => seconds)].reduce(
        (sum, seconds) => sum + seconds,
        600,
      ) * 2,
    StartAt: 'Claim',
    States: {
      Claim: {
        ...callsBookmarks(plan, 'claim', {
          run: '{% $states.input.run %}',
          plan: '{% $states.input.plan %}',
          data: '{% $states.input.data %}',
          parameters: '{% $states.input.parameters %}',
          holder: '{% $states.context.Execution.Id %}',
        }),
        Assign: {
          order: '{% $merge([$states.input, $states.result.Payload]) %}',
          verdicts: [],
          ...Object.assign({}, ...shared.map(({ nothingHeld }) => nothingHeld)),
        },
        // There is no claim to release yet.
        Catch: [{ ...caught, Next: 'Failed' }],
        Next: 'Anything to do?',
      },
      'Anything to do?': {
        Type: 'Choice',
        Choices: [{ Condition: '{% $count($order.stages) = 0 %}', Next: 'Nothing to do' }],
        Default: entrance(plan.stages[0]),
      },
      'Nothing to do': { Type: 'Succeed', Output: { run: '{% $order.run %}', nothing: true } },
      ...states,
      Commit: { ...settles(plan, 'commit'), Catch: [{ ...caught, Next: 'Failed' }], Next: 'Promoted?' },
      'Promoted?': {
        Type: 'Choice',
        Choices: [{ Condition: "{% 'hold' in $verdicts.verdict %}", Next: 'Held' }],
        Default: 'Done',
      },
      Done: { Type: 'Succeed', Output: { run: '{% $order.run %}', verdicts: '{% $verdicts %}' } },
      Held: {
        Type: 'Fail',
        Error: 'QualityGate',
        Cause: "{% $join($verdicts[verdict = 'hold'].(model & ' v' & $string(version) & ': ' & reason), '; ') %}",
      },
      ...Object.assign(
        {},
        ...shared.map(({ releaseAfterFault }, i) => releaseAfterFault(shared[i + 1]?.afterFault ?? 'Abort')),
      ),
      // The first failure is reported, even if the bookmarks cannot record it; then the next claim settles the run.
      Abort: {
        ...settles(plan, 'abort'),
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }],
        Next: 'Failed',
      },
      Failed: { Type: 'Fail', Error: '{% $fault.Error %}', Cause: '{% $fault.Cause %}' },
    },
  };
}

const settles = (plan: Plan, action: 'commit' | 'abort') =>
  callsBookmarks(plan, action, { run: '{% $order.run %}', token: '{% $order.token %}' });

/** A call of the bookmarks function. It is idempotent: a second call returns the same result. */
function callsBookmarks(plan: Plan, action: string, payload: Record<string, string>): Record<string, unknown> {
  return {
    Type: 'Task',
    Resource: integration('lambda:invoke'),
    Arguments: { FunctionName: '${BookmarksFunction}', Payload: { action, pipeline: plan.pipeline, ...payload } },
    // Listing many objects takes long; the function's timeout is 5 minutes.
    TimeoutSeconds: 330,
    Retry: [final, transient(lambdaErrors, 2), unanswered],
  };
}

function stageStates(
  plan: Plan,
  stage: Stage,
  after: string,
  skipTo: string,
  scores: boolean,
  afterFault: string,
): Record<string, unknown> {
  // Without a live version of any model, nothing can be scored.
  const usable = scores ? ' and ($count($verdicts) = 0 or true in $verdicts.usable)' : '';
  return {
    [`${stage.name} wanted?`]: {
      Type: 'Choice',
      Choices: [
        { Condition: `{% '${stage.name}' in $order.stages${usable} %}`, Next: kindOf(stage).states.entrance(stage) },
      ],
      Default: skipTo,
    },
    ...computed(plan, stage, after, afterFault),
  };
}

/** The same engine with the same arguments on any compute; only `--engine` names the compute. */
function computed(plan: Plan, stage: Stage, next: string, afterFault: string): States {
  const engine = {
    '--plan': '{% $order.plan %}',
    '--work': '{% $order.work %}',
    '--stage': stage.name,
    '--run': '{% $order.run %}',
    '--root': '{% $order.root %}',
    '--pipeline': plan.pipeline,
    '--engine': stage.compute,
  };
  return kindOf(stage).states.stage({ plan, stage, engine, next, afterFault });
}

function gateStates(plan: Plan, next: string, afterFault: string): Record<string, unknown> {
  return {
    'Candidates?': {
      Type: 'Choice',
      Choices: [{ Condition: '{% $count($order.trains) > 0 %}', Next: 'Judge the candidates' }],
      Default: next,
    },
    'Judge the candidates': {
      Type: 'Map',
      Items: '{% $order.trains %}',
      MaxConcurrency: 4,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'Judge',
        States: {
          Judge: {
            Type: 'Task',
            Resource: integration('lambda:invoke'),
            Arguments: {
              FunctionName: '${QualityFunction}',
              Payload: {
                pipeline: plan.pipeline,
                run: '{% $order.run %}',
                model: '{% $states.input.model %}',
                version: '{% $states.input.version %}',
                gate: '{% $states.input.gate %}',
              },
            },
            Output: '{% $states.result.Payload %}',
            // The function's timeout is one minute.
            TimeoutSeconds: 90,
            Retry: [final, transient(lambdaErrors, 2), unanswered],
            End: true,
          },
        },
      },
      Assign: { verdicts: '{% $states.result %}' },
      Catch: [{ ...caught, Next: afterFault }],
      Next: next,
    },
  };
}

const lambdaErrors = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
];
