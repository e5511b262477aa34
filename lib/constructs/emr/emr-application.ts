import { CfnApplication } from 'aws-cdk-lib/aws-emrserverless';
import { Construct } from 'constructs';
import { emrRelease } from '../../compute/emr/cluster.ts';

export interface EmrApplicationProps {
  name: string;
  /** For all concurrent jobs together. */
  maxVcpus: number;
}

/** An EMR Serverless application: it starts with a job, stops when idle, and costs nothing in between. */
export class EmrApplication extends Construct {
  readonly application: CfnApplication;

  constructor(scope: Construct, id: string, props: EmrApplicationProps) {
    super(scope, id);
    const { name, maxVcpus } = props;
    this.application = new CfnApplication(this, 'Application', {
      name,
      type: 'SPARK',
      releaseLabel: emrRelease,
      architecture: 'X86_64', // the engine's packages are built for x86
      autoStartConfiguration: { enabled: true },
      autoStopConfiguration: { enabled: true, idleTimeoutMinutes: 5 },
      maximumCapacity: { cpu: `${maxVcpus} vCPU`, memory: `${maxVcpus * 4} GB`, disk: `${maxVcpus * 20} GB` },
    });
  }
}
