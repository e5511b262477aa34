import path from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

/**
 * The code of a function: its handler and all that it imports, as `index.js`. Like CDK's NodejsFunction, which however starts npm for
 * each function, and that takes longer than the bundling.
 */
export function handlerCode(entry: string, projectFolder: string): Code {
  const tryBundle = (folder: string) => {
    buildSync({
      absWorkingDir: projectFolder,
      // Not as an entry point, whose path may hold no `*`.
      stdin: { contents: `export * from './${path.basename(entry)}';`, resolveDir: path.dirname(entry) },
      outfile: path.join(folder, 'index.js'),
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'cjs',
      mainFields: ['module', 'main'], // with tree shaking, the bundle is a third smaller
      minify: true,
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'warning',
    });
    return true;
  };
  return Code.fromAsset(projectFolder, {
    assetHashType: AssetHashType.OUTPUT,
    // CDK bundles once for each different command, and never needs the image.
    bundling: { image: DockerImage.fromRegistry('none'), command: [entry], local: { tryBundle } },
  });
}
