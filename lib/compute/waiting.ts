import type { Permission } from '../permissions/permission.ts';

/** Step Functions learns of the end of what it waits for by rules of EventBridge that it makes itself, under fixed names. */
export const waitsBy = (ruleArns: readonly string[]): Permission => ({
  actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
  resources: ruleArns,
});
