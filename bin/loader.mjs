import path from 'node:path';
import { fileURLToPath } from 'node:url';

const project = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Loads TypeScript. The compile cache is inside the project: the package's default is the folder for temporary files, which all
 * users of a machine share, so another user's code could be run.
 */
export async function loader() {
  const { createJiti } = await import('jiti');
  return createJiti(path.join(project, 'bin', 'loader.mjs'), {
    fsCache: path.join(project, 'node_modules', '.cache', 'jiti'),
    // A pipeline may be anywhere, even outside the project.
    alias: {
      'millrace/constructs': path.join(project, 'lib', 'constructs', 'index.ts'),
      millrace: path.join(project, 'lib', 'definition', 'index.ts'),
    },
  });
}
