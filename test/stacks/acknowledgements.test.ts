import { CfnResource, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { beforeAll, describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { packs as packNames } from '../../lib/constructs/acknowledge.ts';
import { clicks } from './clicks.ts';
import { analysts, type Synthesised, synthesised } from './synthesised.ts';

const packs = [AwsSolutionsChecks, ServerlessChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks];

interface Finding {
  rule: string;
  at: string;
  description: string;
}

/** Findings of the rule packs, with warnings. */
function findings({ app }: Synthesised): Finding[] {
  return packs.flatMap((Pack) =>
    new Pack(app).validateScope(app).violations.flatMap(({ ruleName, description, violatingResources }) =>
      violatingResources.map((resource) => ({
        rule: ruleName,
        at: (resource as { constructPath?: string }).constructPath ?? '',
        description,
      })),
    ),
  );
}

/** Removes every acknowledgement from the tree, and returns them. */
function stripped({ app }: Synthesised): { rule: string; at: string; reason: string }[] {
  const key = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;
  return app.node.findAll().flatMap((construct: IConstruct) => {
    const entries = construct.node.metadata.filter(({ type }) => type === key);
    return entries.flatMap((entry) => {
      const noted = entry.data as Record<string, string>;
      const given = Object.entries(noted);
      for (const [id] of given) delete noted[id];
      return given.map(([rule, reason]) => ({
        rule: rule.replace(/^annotation::/i, ''),
        at: construct.node.path,
        reason,
      }));
    });
  });
}

const places: [string, () => Synthesised][] = [
  ...Object.keys(environments).map((name): [string, () => Synthesised] => [name, () => synthesised(name)]),
  [
    'staging with an application and readers',
    () => synthesised('staging', { stages: { build: 'emr', predict: 'emr-serverless' }, readers: [analysts] }),
  ],
  ['prod with a stream by the day of a column', () => synthesised('prod', {}, clicks)],
];

describe.each(places)('%s, by the rules of five packs', (_, made) => {
  let prod: Synthesised;
  let kept: Finding[];
  let acknowledged: ReturnType<typeof stripped>;
  let broken: Finding[];
  beforeAll(() => {
    prod = made();
    kept = findings(prod);
    acknowledged = stripped(prod);
    broken = findings(prod);
  });

  test('breaks only acknowledged rules', () => {
    expect(kept).toEqual([]);
    expect(prod.app.node.findAll().filter((c) => CfnResource.isCfnResource(c)).length).toBeGreaterThan(80);
  });

  test('breaks every acknowledged rule, at its construct', () => {
    const needless = acknowledged.filter(
      ({ rule, at }) => !broken.some((finding) => finding.rule === rule && `${finding.at}/`.startsWith(`${at}/`)),
    );
    expect(needless).toEqual([]);
    expect(broken.length).toBeGreaterThan(50);
  });

  test('acknowledges on single resources, never on a stack, with a real reason', () => {
    const stacks = prod.stacks.map((stack) => stack.node.path);
    for (const { at, rule, reason } of acknowledged) {
      expect(stacks).not.toContain(at);
      expect(at).not.toBe('');
      expect(packNames.some((pack) => rule.startsWith(`${pack}-`))).toBe(true);
      expect(reason.split(' ').length).toBeGreaterThan(4);
    }
  });

  test('every rule could be judged', () => {
    expect(broken.filter(({ description }) => description.startsWith('Rule threw'))).toEqual([]);
  });
});
