import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { PipelineMachine } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { stateMachine } from '../../../lib/asl/state-machine.ts';
import { inPartition } from '../../../lib/compute/integration.ts';
import { substitutionsIn } from '../../../lib/constructs/pipeline/substitutions.ts';
import { churn } from '../../stacks/synthesised.ts';
import { account, onlyOf, plainStack, region, resourcesFor } from '../alone.ts';

const document = inPartition(stateMachine(churn), 'aws');
const wanted = substitutionsIn(document);

function machine(names = wanted) {
  const { stack, key } = plainStack();
  new PipelineMachine(stack, 'Machine', {
    machineName: 'acme-churn',
    plan: churn,
    substitutions: Object.fromEntries([...names, 'NobodyAsks'].map((name) => [name, `the-${name}`])),
    permissions: [{ actions: ['lambda:InvokeFunction'], resources: ['arn:aws:lambda:eu-central-1:1:function:f'] }],
    metrics: 'Acme/churn',
    key,
    logDays: RetentionDays.ONE_MONTH,
  });
  return stack;
}

test('the machine is the document that a laptop executes, with a value for exactly the names in it', () => {
  const { DefinitionString, DefinitionSubstitutions } = onlyOf(machine(), 'AWS::StepFunctions::StateMachine');
  expect(JSON.parse(DefinitionString)).toEqual(document);
  expect(DefinitionSubstitutions).toEqual(Object.fromEntries(wanted.map((name) => [name, `the-${name}`])));
});

test('a name without a value is refused at synthesis', () => {
  expect(() => machine(wanted.slice(1))).toThrow(`"\${${wanted[0]}}"`);
});

test('it logs each event with its data, and traces, under the prefix that AWS requires', () => {
  const stack = machine();
  expect(onlyOf(stack, 'AWS::StepFunctions::StateMachine')).toMatchObject({
    StateMachineName: 'acme-churn',
    TracingConfiguration: { Enabled: true },
    LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: true },
  });
  expect(onlyOf(stack, 'AWS::Logs::LogGroup')).toMatchObject({ LogGroupName: '/aws/vendedlogs/states/acme-churn' });
});

test('a run held by the quality gate is counted from its log', () => {
  const { FilterPattern, MetricTransformations } = onlyOf(machine(), 'AWS::Logs::MetricFilter');
  expect(FilterPattern).toContain('$.details.error = "QualityGate"');
  expect(MetricTransformations).toMatchObject([{ MetricNamespace: 'Acme/churn', MetricName: 'QualityHeld' }]);
});

test('its role may do what it is granted, log and trace, on behalf of machines of this account', () => {
  const stack = machine();
  expect(resourcesFor(stack, 'lambda:InvokeFunction')).toEqual(['arn:aws:lambda:eu-central-1:1:function:f']);
  expect(resourcesFor(stack, 'logs:CreateLogDelivery')).toEqual(['*']);
  expect(onlyOf(stack, 'AWS::IAM::Role').AssumeRolePolicyDocument.Statement).toMatchObject([
    {
      Condition: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:aws:states:${region}:${account}:stateMachine:*` },
      },
    },
  ]);
});
