import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';

export const account = '111122223333';
export const region = 'eu-central-1';
export const keyArn = `arn:aws:kms:${region}:${account}:key/k`;

/** A stack in a plain CDK app without Millrace, and a key owned by another stack. */
export function plainStack(): { stack: Stack; key: IKey } {
  process.env['CDK_VALIDATION'] = 'false';
  const app = new App({ outdir: mkdtempSync(path.join(tmpdir(), 'millrace-alone-')) });
  const stack = new Stack(app, 'Plain', { env: { account, region } });
  return { stack, key: Key.fromKeyArn(stack, 'Key', keyArn) };
}

// biome-ignore lint/suspicious/noExplicitAny: a template holds whatever CloudFormation has a field for.
export type Properties = any;

/** The properties of all resources of one type, with CloudFormation's functions resolved. */
export function propertiesOf(stack: Stack, type: string): Properties[] {
  return Object.values(Template.fromStack(stack).findResources(type)).map(({ Properties = {} }) => joined(Properties));
}

/** The properties of the only resource of a type. Throws if there are none or several. */
export function onlyOf(stack: Stack, type: string): Properties {
  const all = propertiesOf(stack, type);
  if (all.length !== 1) throw new Error(`${all.length} resources of type ${type}`);
  return all[0];
}

/** The types of all resources, sorted, with repetitions. */
export const typesIn = (stack: Stack): string[] =>
  Object.values(Template.fromStack(stack).toJSON()['Resources'] as Record<string, { Type: string }>)
    .map(({ Type }) => Type)
    .sort();

export interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Principal?: Record<string, string | string[]>;
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** The statements of all roles in a stack. */
export const statementsIn = (stack: Stack): Statement[] =>
  propertiesOf(stack, 'AWS::IAM::ManagedPolicy').flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

/** The resources on which an action is allowed. */
export const resourcesFor = (stack: Stack, action: string): string[] =>
  statementsIn(stack)
    .filter(({ Action }) => [Action].flat().includes(action))
    .flatMap(({ Resource }) => Resource);

/** A value with its texts joined as CloudFormation would; a resource of the same template becomes `<LogicalId>`. */
function joined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(joined);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, inner] = ['', undefined], ...others] = Object.entries(value);
  if (others.length === 0 && name === 'Ref') return inner === 'AWS::Partition' ? 'aws' : `<${inner}>`;
  if (others.length === 0 && name === 'Fn::GetAtt') return `<${(inner as string[]).join('.')}>`;
  if (others.length === 0 && name === 'Fn::Join') {
    const [separator, parts] = inner as [string, unknown[]];
    return parts.map(joined).join(separator);
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, joined(one)]));
}
