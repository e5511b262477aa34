import type { Plan } from '../plan/schema.ts';
import type { Arns } from './arns.ts';
import { items } from './lake.ts';
import type { Permission } from './permission.ts';

/** Permission to invoke functions. */
export const callsFunctions = (arns: Arns, names: readonly string[]): Permission => ({
  actions: ['lambda:InvokeFunction'],
  resources: names.map((name) => arns.function(name)),
});

export function startsRuns(plan: Plan, arns: Arns): Permission[] {
  return [
    items(plan, arns, 'runs', ['GetItem', 'PutItem']),
    { actions: ['states:StartExecution'], resources: [arns.machine] },
    seesRuns(arns),
  ];
}

export function seesRuns(arns: Arns): Permission {
  const why = 'executions of its machine, which get their names when they start';
  return { actions: ['states:DescribeExecution'], resources: [arns.execution('*')], why };
}
