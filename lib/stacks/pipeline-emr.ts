import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { EmrApplication } from '../constructs/emr/emr-application.ts';
import { EmrEngine } from '../constructs/emr/emr-engine.ts';
import { EmrRoles } from '../constructs/emr/emr-roles.ts';
import { EmrSecurity } from '../constructs/emr/emr-security.ts';
import { type Permission, ServiceRole } from '../constructs/service-role.ts';
import { type Environment, emrOf } from '../environment/environment.ts';
import { namesOf } from '../environment/names.ts';
import type { Plan } from '../plan/schema.ts';
import { arnsOf } from './arns.ts';
import type { EmrNetwork } from './network-stack.ts';
import { type ClusterUse, emrEngineMay, type JobUse } from './permissions.ts';

export interface PipelineEmrProps {
  environment: Environment;
  plan: Plan;
  key: IKey;
  /** There where a stage runs on a cluster. */
  network?: EmrNetwork;
  /** Zip file of the engine's Python packages. */
  packages: string;
  engineFolder: string;
  /** To read the plan. */
  planObject: Permission;
}

/** What the stages of a pipeline on EMR need; empty where none is. */
export class PipelineEmr extends Construct {
  readonly substitutions: Readonly<Record<string, string>> = {};
  readonly used: { clusters?: ClusterUse; jobs?: JobUse } = {};

  constructor(scope: Construct, id: string, props: PipelineEmrProps) {
    super(scope, id);
    const { environment, plan, key, network, packages, engineFolder, planObject } = props;
    const computes = new Set(plan.stages.map((stage) => stage.compute));
    if (!computes.has('emr') && !computes.has('emr-serverless')) return;
    const names = namesOf(environment);
    const of = names.pipeline(plan.pipeline);
    const { cluster, maxVcpus } = emrOf(environment);
    const engine = new EmrEngine(this, 'Engine', { engineFolder, packages });
    const arns = arnsOf(this, names, plan.pipeline);
    const permissions = [...emrEngineMay([plan], () => arns, key.keyArn, names.emrLogs), planObject, engine.permission];
    this.substitutions = {
      EngineScript: engine.script,
      EngineModules: engine.modules,
      EmrPackages: engine.packages,
      EmrLogs: `s3://${names.bucket('artefacts')}/${names.emrLogs}`,
    };
    if (computes.has('emr-serverless')) {
      const { application } = new EmrApplication(this, 'Serverless', { name: of.emr, maxVcpus });
      const jobs = new ServiceRole(this, 'JobsService', { service: 'emr-serverless.amazonaws.com', permissions });
      this.substitutions = {
        ...this.substitutions,
        EmrApplication: application.attrApplicationId,
        EmrJobRole: jobs.role.roleArn,
      };
      this.used = { jobs: { applicationArn: application.attrArn, roleArn: jobs.role.roleArn } };
    }
    if (!computes.has('emr')) return;
    if (network === undefined) throw new Error(`${plan.pipeline} has a stage on a cluster: it needs a network`);
    const { subnetIds, groups } = network;
    const roles = new EmrRoles(this, 'Roles', { subnetIds, groups, permissions });
    const security = new EmrSecurity(this, 'Security', { name: of.emr, key });
    const persistent = cluster === 'persistent';
    this.substitutions = {
      ...this.substitutions,
      PersistentCluster: persistent ? names.cluster : 'none',
      EmrClusters: of.emr,
      EmrPrefix: environment.prefix,
      EmrSubnets: subnetIds.join(','),
      EmrPrimaryGroup: groups.primary,
      EmrWorkerGroup: groups.workers,
      EmrServiceGroup: groups.service,
      EmrMaximumVcpus: `${maxVcpus}`,
      EmrBootstrap: engine.bootstrap,
      EmrServiceRole: roles.service.role.roleName,
      EmrInstanceProfile: roles.profile.ref,
      EmrSecurity: security.configuration.ref,
    };
    const roleArns = { service: roles.service.role.roleArn, nodes: roles.nodes.role.roleArn };
    this.used = { ...this.used, clusters: { prefix: environment.prefix, roleArns, persistent } };
  }
}
