import { canonicalJson } from '../../plan/canonical-json.ts';
import { type Resource, type Template, textOf } from './template.ts';

/** One action on one resource, from one policy statement. */
export interface Grant {
  effect: 'Allow' | 'Deny';
  /** Logical id of the role, or the principal of a resource policy, such as `service:glue.amazonaws.com`. */
  who: string;
  action: string;
  resource: string;
  /** Operator and key, such as `StringEquals aws:SourceAccount` -> the values as text; all must hold. */
  conditions: Readonly<Record<string, string>>;
}

interface Statement {
  Effect?: string;
  Action?: unknown;
  NotAction?: unknown;
  Resource?: unknown;
  NotResource?: unknown;
  Principal?: unknown;
  NotPrincipal?: unknown;
  Condition?: unknown;
}

/** All permissions and denials of an environment's templates, by stack and logical id. */
export function grantsOf(templates: Readonly<Record<string, Template>>): Grant[] {
  return Object.entries(templates).flatMap(([stack, template]) =>
    Object.entries(template.Resources ?? {}).flatMap(([id, resource]) =>
      grantsOfResource(stack, id, resource, template.Resources ?? {}),
    ),
  );
}

function grantsOfResource(
  stack: string,
  id: string,
  { Type, Properties: given = {} }: Resource,
  all: Readonly<Record<string, Resource>>,
): Grant[] {
  const resource = `${stack}/${id}`;
  const roles = (list: unknown) => asList(list).map((role) => `${stack}/${textOf(role).replace(/^\$\{(.*)\}$/, '$1')}`);
  switch (Type) {
    case 'AWS::IAM::Role':
    case 'AWS::IAM::User':
    case 'AWS::IAM::Group':
      return [
        ...asList(given['Policies']).flatMap((policy) =>
          ofPolicy((policy as { PolicyDocument?: unknown }).PolicyDocument, [resource]),
        ),
        ...asList(given['ManagedPolicyArns'])
          .filter((arn) => !(refOf(arn) in all))
          .map((arn) => managed(resource, textOf(arn))),
        ...ofPolicy(given['AssumeRolePolicyDocument'], undefined, resource),
      ];
    case 'AWS::IAM::Policy':
    case 'AWS::IAM::ManagedPolicy': {
      const holders = [...asList(given['Roles']), ...asList(given['Users']), ...asList(given['Groups'])];
      // Roles may also name the policy.
      const named = Object.entries(all).filter(([, { Properties = {} }]) =>
        asList(Properties['ManagedPolicyArns']).some((arn) => refOf(arn) === id),
      );
      return ofPolicy(given['PolicyDocument'], [...roles(holders), ...named.map(([holder]) => `${stack}/${holder}`)]);
    }
    case 'AWS::Lambda::Permission': {
      const conditions = Object.fromEntries(
        [
          'SourceArn',
          'SourceAccount',
          'PrincipalOrgID',
          'EventSourceToken',
          'FunctionUrlAuthType',
          'InvokedViaFunctionUrl',
        ]
          .filter((name) => given[name] !== undefined)
          .map((name) => [`Equals ${name}`, textOf(given[name])]),
      );
      const who = textOf(given['Principal']);
      const resource = textOf(given['FunctionName']);
      return [{ effect: 'Allow', who, action: textOf(given['Action']).toLowerCase(), resource, conditions }];
    }
    default:
      // A resource policy: of a bucket, a queue, a topic, a key.
      return ['PolicyDocument', 'KeyPolicy', 'ResourcePolicy', 'Policy'].flatMap((name) => {
        const on = given['Bucket'] ?? given['Queues'] ?? given['Topics'];
        return ofPolicy(given[name], undefined, on === undefined ? resource : textOf(on));
      });
  }
}

/** An AWS managed policy: only its name is known, not its statements. */
const managed = (who: string, arn: string): Grant => ({
  effect: 'Allow',
  who,
  action: `policy ${arn}`,
  resource: '*',
  conditions: {},
});

/** `holders`: the roles of an attached policy. Without them, the statements name their principals, and `self` is their resource. */
function ofPolicy(document: unknown, holders: readonly string[] | undefined, self = '*'): Grant[] {
  const statements = asList((document as { Statement?: unknown } | undefined)?.Statement) as Statement[];
  return statements.flatMap((statement) => {
    const effect = statement.Effect === 'Deny' ? 'Deny' : 'Allow';
    const conditions = conditionsOf(statement.Condition);
    const actions =
      statement.NotAction === undefined ? texts(statement.Action) : [`not ${listed(statement.NotAction)}`];
    const resources =
      statement.NotResource !== undefined
        ? [`not ${listed(statement.NotResource)}`]
        : holders === undefined && (statement.Resource === undefined || statement.Resource === '*')
          ? [self]
          : texts(statement.Resource).map(unversioned);
    return (holders ?? principals(statement)).flatMap((who) =>
      actions.flatMap((action) =>
        resources.map((resource): Grant => ({ effect, who, action: action.toLowerCase(), resource, conditions })),
      ),
    );
  });
}

function principals({ Principal, NotPrincipal }: Statement): string[] {
  if (NotPrincipal !== undefined) return [`not ${canonicalJson(NotPrincipal)}`];
  if (Principal === undefined || typeof Principal !== 'object') return ['*'];
  return Object.entries(Principal as Record<string, unknown>).flatMap(([kind, whom]) =>
    texts(whom).map((text) => (text === '*' ? '*' : `${kind.toLowerCase()}:${text}`)),
  );
}

function conditionsOf(condition: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries((condition ?? {}) as Record<string, Record<string, unknown>>).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => [`${operator} ${key}`, listed(values)]),
    ),
  );
}

/** Logical id of a `Ref`; empty for anything else. */
const refOf = (value: unknown) => String((value as { Ref?: unknown } | null)?.Ref ?? '');

/** An asset's key is derived from its content. Reading a new version of an asset is not a wider permission. */
const unversioned = (resource: string) =>
  resource.replace(/(:::cdk-\w+-assets-[^/]+\/)[\da-f]{64}\b/, '$1<content hash>');

const asList = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const texts = (value: unknown): string[] => asList(value).map(textOf);
const listed = (value: unknown): string => texts(value).sort().join(', ');
