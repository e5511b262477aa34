import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { Permission } from '../../permissions/permission.ts';
import type { EnginePackages } from './engine-packages.ts';

export interface EmrEngineProps {
  /** Folder with `main.py` and the package `engine`. */
  engineFolder: string;
  /** The Python packages that the engine imports. */
  packages: EnginePackages;
}

const bootstrap = fileURLToPath(new URL('./emr-bootstrap.sh', import.meta.url));

/** The engine's files for EMR, in S3, because nodes in a private network can fetch them from nowhere else. */
export class EmrEngine extends Construct {
  /** `s3://` URIs. */
  readonly script: string;
  readonly modules: string;
  readonly packages: string;
  readonly bootstrap: string;
  /** Permission to read all of them. */
  readonly permission: Permission;

  constructor(scope: Construct, id: string, props: EmrEngineProps) {
    super(scope, id);
    const { engineFolder, packages } = props;
    const exclude = ['*', '!engine', '!engine/**', '**/__pycache__', '**/*.pyc'];
    const assets = {
      script: new Asset(this, 'Script', { path: path.join(engineFolder, 'main.py') }),
      modules: new Asset(this, 'Modules', { path: engineFolder, exclude }),
      bootstrap: new Asset(this, 'Bootstrap', { path: bootstrap }),
    };
    const { bucketName, objectKey, s3ObjectUrl } = Stack.of(this).synthesizer.addFileAsset({
      // Spark unpacks an archive by its ending, and CDK gives the result of a command none.
      sourceHash: `${packages.hash}.zip`,
      executable: [...packages.command],
      displayName: "the engine's Python packages",
    });
    this.script = assets.script.s3ObjectUrl;
    this.modules = assets.modules.s3ObjectUrl;
    this.packages = s3ObjectUrl;
    this.bootstrap = assets.bootstrap.s3ObjectUrl;
    const objects = Object.values(assets).map(({ s3BucketName, s3ObjectKey }) => `${s3BucketName}/${s3ObjectKey}`);
    this.permission = {
      actions: ['s3:GetObject'],
      resources: [...objects, `${bucketName}/${objectKey}`].map(
        (object) => `arn:${Stack.of(this).partition}:s3:::${object}`,
      ),
    };
  }
}
