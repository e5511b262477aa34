// Style and types of both languages.
import path from 'node:path';
import { project } from './setup.mjs';
import { bin, python, step, tsc } from './steps.ts';

const ruff = path.join(path.dirname(python), 'ruff');
const config = ['--config', 'glue-scripts/pyproject.toml'];
const folders = ['glue-scripts', 'pipelines', 'bench', 'twin', 'cluster', 'validation'];
const typed = ['engine', 'main.py', 'lookup.py', 'show.py', 'compare_lakes.py', 'fetch_jars.py'];
step('biome', [bin('biome'), 'check', '--error-on-warnings', '.']);
step('tsc', [tsc, '-p', '.']);
step('knip', [bin('knip')]);
step('ruff', [ruff, 'check', '--no-cache', ...config, ...folders]);
step('ruff format', [ruff, 'format', '--check', '--no-cache', ...config, ...folders]);
step('mypy', [python, '-m', 'mypy', '--config-file', 'pyproject.toml', ...typed], {
  cwd: path.join(project, 'glue-scripts'),
});
