import { Stack, Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { FilterPattern, type LogGroup, MetricFilter, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import { stateMachine } from '../../asl/state-machine.ts';
import { inPartition } from '../../compute/integration.ts';
import { qualityHeld } from '../../metrics/names.ts';
import type { Permission } from '../../permissions/permission.ts';
import type { Plan } from '../../plan/schema.ts';
import { serviceLogs } from '../service-logs.ts';
import { ServiceRole } from '../service-role.ts';
import { suppliedSubstitutions } from './substitutions.ts';

export interface PipelineMachineProps {
  machineName: string;
  plan: Plan;
  /** The value of each `${Name}` in the document but `${Partition}`. */
  substitutions: Readonly<Record<string, string>>;
  /** Permissions to call the job and the functions. */
  permissions: readonly Permission[];
  /** Namespace of the pipeline's own metrics; `QualityHeld` is counted here. */
  metrics: string;
  key: IKey;
  logDays: RetentionDays;
}

/** The state machine, from the same document that a laptop executes; only the `${Substitutions}` are specific to the account. */
export class PipelineMachine extends Construct {
  readonly machine: StateMachine;
  readonly logs: LogGroup;
  readonly role: ServiceRole;

  constructor(scope: Construct, id: string, props: PipelineMachineProps) {
    super(scope, id);
    const { machineName, plan, key } = props;
    const document = documentFor(Stack.of(this), plan);
    // With this prefix AWS allows any number of machines; otherwise the account's resource policy for logs runs full.
    const logGroupName = `/aws/vendedlogs/states/${machineName}`;
    this.logs = serviceLogs(this, 'Logs', { logGroupName, key, days: props.logDays });
    this.role = new ServiceRole(this, 'Service', {
      service: `states.${Stack.of(this).urlSuffix}`,
      permissions: [...props.permissions, ...delivery],
    });
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: machineName,
      comment: `Millrace pipeline ${plan.pipeline}`,
      definitionBody: DefinitionBody.fromString(JSON.stringify(document)),
      definitionSubstitutions: suppliedSubstitutions(document, {
        Partition: Stack.of(this).partition,
        ...props.substitutions,
      }),
      role: this.role.role,
      logs: { destination: this.logs, level: LogLevel.ALL, includeExecutionData: true },
      tracingEnabled: true,
    });
    new MetricFilter(this, 'QualityHeld', {
      logGroup: this.logs,
      metricNamespace: props.metrics,
      metricName: qualityHeld,
      filterPattern: FilterPattern.all(
        FilterPattern.stringValue('$.type', '=', 'ExecutionFailed'),
        FilterPattern.stringValue('$.details.error', '=', 'QualityGate'),
      ),
      metricValue: '1',
    });
  }
}

/** The document in the partition of the stack's region, so that tools which read templates know its integrations; left open if there is no region. */
function documentFor({ region }: Stack, plan: Plan): Record<string, unknown> {
  const document = stateMachine(plan);
  return Token.isUnresolved(region) ? document : inPartition(document, RegionInfo.get(region).partition ?? 'aws');
}

/** Permissions that Step Functions requires for logging and tracing. */
const delivery: readonly Permission[] = [
  {
    actions: [
      ...['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery'],
      ...[
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:DescribeResourcePolicies',
        'logs:DescribeLogGroups',
      ],
    ],
    resources: ['*'],
    why: 'log deliveries have no ARNs',
  },
  {
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    resources: ['*'],
    why: 'X-Ray does not support resources',
  },
];
