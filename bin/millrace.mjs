#!/usr/bin/env node
// The entry is plain JavaScript, so that it can report what is missing before TypeScript can be loaded.
import { bundledCli } from './bundled-cli.mjs';
import { loader } from './loader.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`MR506  Node ${process.versions.node} is too old\n  try   install Node 20.19 or newer`);
  process.exit(5);
}
/**
 * Before set-up there is one thing to do; `doctor` also reports what the set-up itself needs.
 * @returns {Promise<never>}
 */
async function notSetUp() {
  console.error('MR507  the npm packages are not installed\n  try   npm run setup');
  if (process.argv[2] === 'doctor') {
    const { supportedPython } = await import('../scripts/setup.mjs');
    const { python, found } = supportedPython();
    console.error(`
  ok       Node          ${process.versions.node}
  missing  npm packages  not installed; npm run setup installs them
  ${
    python === undefined
      ? `missing  Python        3.11 or 3.12 (found ${found.join(', ') || 'none'}); install one, or name it in MILLRACE_SETUP_PYTHON`
      : `ok       Python        ${python.version.replace('Python ', '')}`
  }`);
  }
  process.exit(5);
}
/** The bundle of the CLI, or its sources where none can be made. */
async function program() {
  const cli = await bundledCli();
  if (cli !== undefined) return cli;
  const jiti = await loader().catch(notSetUp);
  return jiti.import('./millrace.ts');
}
// `environments.ts` belongs to the user, who may also have changed other files.
const loading = /** @type {Promise<typeof import('./millrace.ts')>} */ (program());
const { main } = await loading.catch((/** @type {unknown} */ error) => {
  // A package, not a file of the project: the set-up was interrupted, or the lock file has new packages.
  const text = error instanceof Error ? error.message : String(error);
  if (/^Cannot find (module|package) '[^./]/.test(text)) return notSetUp();
  const [message, place] = text.split('\n').map((line) => line.trim());
  console.error(
    `MR533  a file of the project cannot be loaded: ${message}\n  at    ${place ?? 'environments.ts'}\n  try   run \`npx tsc --noEmit\``,
  );
  process.exit(5);
});
process.exitCode = await main(process.argv.slice(2));
