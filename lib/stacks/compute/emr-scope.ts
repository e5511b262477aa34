import { Construct } from 'constructs';
import { EmrEngine } from '../../constructs/emr/emr-engine.ts';
import { emrEngineMay } from '../../permissions/engine.ts';
import type { Permission } from '../../permissions/permission.ts';
import type { ComputeSite } from './site.ts';

/** The engine's files and permissions, shared by both EMR kinds of a pipeline. */
export class EmrScope extends Construct {
  readonly permissions: readonly Permission[];
  readonly engine: EmrEngine;
  readonly substitutions: Readonly<Record<string, string>>;

  private constructor({ stack, plan, key, names, arns, engineFolder, packages, planObject }: ComputeSite, id: string) {
    super(stack, id);
    this.engine = new EmrEngine(this, 'Engine', { engineFolder, packages });
    this.permissions = [
      ...emrEngineMay([plan], () => arns, key.keyArn, names.emrLogs),
      planObject,
      this.engine.permission,
    ];
    this.substitutions = {
      EngineScript: this.engine.script,
      EngineModules: this.engine.modules,
      EmrPackages: this.engine.packages,
      EmrLogs: `s3://${names.bucket('artefacts')}/${names.emrLogs}`,
    };
  }

  static of(site: ComputeSite): EmrScope {
    const id = 'Emr';
    return (site.stack.node.tryFindChild(id) as EmrScope | undefined) ?? new EmrScope(site, id);
  }
}
