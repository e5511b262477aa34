import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { MillraceError } from '../../errors.ts';
import type { Permission } from '../../permissions/permission.ts';

export interface EmrEngineProps {
  /** Folder with `main.py` and the package `engine`. */
  engineFolder: string;
  /** Zip file of the Python packages that the engine imports, for Linux on x86 and Python 3.11. */
  packages: string;
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

  /** Throws MR732 if the packages are missing. */
  constructor(scope: Construct, id: string, props: EmrEngineProps) {
    super(scope, id);
    const { engineFolder, packages } = props;
    if (!existsSync(packages)) {
      const message = "the engine's Python packages for EMR are missing";
      throw new MillraceError([{ code: 'MR732', path: packages, message, hint: 'run `npm run emr-packages`' }]);
    }
    const exclude = ['*', '!engine', '!engine/**', '**/__pycache__', '**/*.pyc'];
    const assets = {
      script: new Asset(this, 'Script', { path: path.join(engineFolder, 'main.py') }),
      modules: new Asset(this, 'Modules', { path: engineFolder, exclude }),
      packages: new Asset(this, 'Packages', { path: packages }),
      bootstrap: new Asset(this, 'Bootstrap', { path: bootstrap }),
    };
    this.script = assets.script.s3ObjectUrl;
    this.modules = assets.modules.s3ObjectUrl;
    this.packages = assets.packages.s3ObjectUrl;
    this.bootstrap = assets.bootstrap.s3ObjectUrl;
    this.permission = {
      actions: ['s3:GetObject'],
      resources: Object.values(assets).map(
        ({ s3BucketName, s3ObjectKey }) => `arn:${Stack.of(this).partition}:s3:::${s3BucketName}/${s3ObjectKey}`,
      ),
    };
  }
}
