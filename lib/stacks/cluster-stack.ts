import { Stack, type StackProps } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { EmrEngine } from '../constructs/emr/emr-engine.ts';
import { EmrRoles } from '../constructs/emr/emr-roles.ts';
import { EmrSecurity } from '../constructs/emr/emr-security.ts';
import type { EnginePackages } from '../constructs/emr/engine-packages.ts';
import { PersistentCluster } from '../constructs/emr/persistent-cluster.ts';
import { planAsset } from '../constructs/pipeline/plan-asset.ts';
import { type Environment, emrOf } from '../environment/environment.ts';
import { namesOf } from '../environment/names.ts';
import { emrEngineMay } from '../permissions/engine.ts';
import type { Plan } from '../plan/schema.ts';
import { arnsOf } from './arns.ts';
import type { EmrNetwork } from './network-stack.ts';

export interface ClusterStackProps extends StackProps {
  environment: Environment;
  /** Plans of the pipelines with a stage on a cluster. */
  plans: readonly Plan[];
  /** The key of the data stack. */
  key: IKey;
  network: EmrNetwork;
  packages: EnginePackages;
  /** How often the cluster was made again. */
  madeAgain: number;
  engineFolder: string;
}

/** The persistent cluster of an environment. Runs find it by its name; if it is gone, they start transient clusters. */
export class ClusterStack extends Stack {
  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    const { environment, plans, key: dataKey, network, packages, madeAgain, engineFolder, ...rest } = props;
    super(scope, id, rest);
    const names = namesOf(environment);
    const { subnetIds, groups } = network;
    const key = Key.fromKeyArn(this, 'Key', dataKey.keyArn);
    const engine = new EmrEngine(this, 'Engine', { engineFolder, packages });
    const planObjects = plans.map((plan) => {
      const { s3BucketName, s3ObjectKey } = planAsset(this, `Plan-${plan.pipeline}`, plan);
      return `arn:${this.partition}:s3:::${s3BucketName}/${s3ObjectKey}`;
    });
    const roles = new EmrRoles(this, 'Roles', {
      subnetIds,
      groups,
      permissions: [
        ...emrEngineMay(plans, (plan) => arnsOf(this, names, plan.pipeline), key.keyArn, names.emrLogs),
        { actions: ['s3:GetObject'], resources: planObjects },
        engine.permission,
      ],
    });
    new PersistentCluster(this, 'Cluster', {
      name: names.cluster,
      prefix: environment.prefix,
      subnetIds,
      groups,
      roles,
      security: new EmrSecurity(this, 'Security', { name: names.cluster, key }),
      engine,
      logs: `s3://${names.bucket('artefacts')}/${names.emrLogs}`,
      maxVcpus: emrOf(environment).maxVcpus,
      madeAgain,
    });
  }
}
