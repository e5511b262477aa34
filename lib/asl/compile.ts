import type { Plan, Stage } from '../plan/schema.ts';

/**
 * Plan to Amazon States Language, JSONata mode. One document for the laptop and for AWS: what differs is named as a
 * `${Substitution}`. Input: {run, work, plan, root, stages, trains}, where `stages` lists the stages with work and `trains` the
 * candidates that the gate is to judge.
 */
export function stateMachine(plan: Plan): Record<string, unknown> {
  const trainingStages = new Set(plan.tasks.filter((task) => task.kind === 'train').map((task) => task.stage));
  const states: Record<string, unknown> = {};
  const entrance = (stage: Stage | undefined) => (stage === undefined ? 'Promoted?' : `${stage.name} wanted?`);
  plan.stages.forEach((stage, i) => {
    const next = entrance(plan.stages[i + 1]);
    const judged = trainingStages.has(stage.name);
    const scores = plan.tasks.some((task) => task.stage === stage.name && task.kind === 'predict');
    Object.assign(states, stageStates(plan, stage, judged ? 'Candidates?' : next, next, scores));
    if (judged) Object.assign(states, gateStates(plan, next));
  });
  return {
    Comment: `Millrace pipeline ${plan.pipeline}`,
    QueryLanguage: 'JSONata',
    TimeoutSeconds: plan.stages.reduce((sum, stage) => sum + stage.timeoutSeconds, 600) * 2,
    StartAt: 'Remember the order',
    States: {
      'Remember the order': {
        Type: 'Pass',
        Assign: { order: '{% $states.input %}', verdicts: [] },
        Next: entrance(plan.stages[0]),
      },
      ...states,
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
      Failed: { Type: 'Fail', Error: '{% $fault.Error %}', Cause: '{% $fault.Cause %}' },
    },
  };
}

function stageStates(
  plan: Plan,
  stage: Stage,
  after: string,
  skipTo: string,
  scores: boolean,
): Record<string, unknown> {
  // Nothing can be scored while no version of any model is live.
  const usable = scores ? ' and ($count($verdicts) = 0 or true in $verdicts.usable)' : '';
  return {
    [`${stage.name} wanted?`]: {
      Type: 'Choice',
      Choices: [{ Condition: `{% '${stage.name}' in $order.stages${usable} %}`, Next: stage.name }],
      Default: skipTo,
    },
    [stage.name]: {
      Type: 'Task',
      Resource: 'arn:aws:states:::glue:startJobRun.sync',
      Arguments: {
        JobName: '${GlueJob}',
        Arguments: {
          '--plan': '{% $order.plan %}',
          '--work': '{% $order.work %}',
          '--stage': stage.name,
          '--run': '{% $order.run %}',
          '--root': '{% $order.root %}',
          '--pipeline': plan.pipeline,
        },
      },
      TimeoutSeconds: stage.timeoutSeconds,
      Retry: [
        // A fault of the input or of the definition is the same the second time.
        { ErrorEquals: ['Millrace.Fault'], MaxAttempts: 0 },
        transient(
          ['Glue.ConcurrentRunsExceededException', 'Glue.InternalServiceException', 'Glue.OperationTimeoutException'],
          30,
        ),
        // A lost worker or a full memory may not happen twice; tasks that are done are not done again.
        {
          ErrorEquals: ['States.TaskFailed'],
          IntervalSeconds: 2,
          MaxAttempts: 1,
          BackoffRate: 2,
          JitterStrategy: 'FULL',
        },
      ],
      Catch: [caught],
      Next: after,
    },
  };
}

function gateStates(plan: Plan, next: string): Record<string, unknown> {
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
            Resource: 'arn:aws:states:::lambda:invoke',
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
            TimeoutSeconds: 60,
            Retry: [
              transient(
                [
                  'Lambda.ServiceException',
                  'Lambda.AWSLambdaException',
                  'Lambda.SdkClientException',
                  'Lambda.TooManyRequestsException',
                ],
                2,
              ),
            ],
            End: true,
          },
        },
      },
      Assign: { verdicts: '{% $states.result %}' },
      Catch: [caught],
      Next: next,
    },
  };
}

const caught = { ErrorEquals: ['States.ALL'], Assign: { fault: '{% $states.errorOutput %}' }, Next: 'Failed' };

function transient(errors: readonly string[], intervalSeconds: number) {
  return {
    ErrorEquals: errors,
    IntervalSeconds: intervalSeconds,
    MaxAttempts: 4,
    BackoffRate: 2,
    MaxDelaySeconds: 300,
    JitterStrategy: 'FULL',
  };
}
