import type { Permission } from '../permissions/permission.ts';

/** Step Functions waits for a job with EventBridge rules that it creates with fixed names. */
export const waitsBy = (ruleArns: readonly string[]): Permission => ({
  actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
  resources: ruleArns,
});
