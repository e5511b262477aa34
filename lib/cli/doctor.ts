import { examine } from '../local/doctor.ts';
import { Root } from '../local/root.ts';
import { verb } from './options.ts';
import { type CommonOptions, columns, type Finish, printJson, type Terminal } from './terminal.ts';

export const doctorCommand = (terminal: Terminal, finish: Finish) =>
  verb('doctor', 'show what this machine has and what a run would lack').action(async (options: CommonOptions) => {
    const findings = await examine(new Root(options.root).folder);
    const missing = findings.filter((finding) => finding.status === 'missing');
    if (options.json) printJson(terminal, { status: missing.length === 0 ? 'ok' : 'missing', findings });
    else
      terminal.out.write(
        columns(findings.map((f) => [f.status, f.what, f.found, f.hint === undefined ? '' : `try: ${f.hint}`])),
      );
    finish(missing.length === 0 ? 0 : 5);
  });
