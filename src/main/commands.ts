import { createProgram, reportError } from '../cli/program.ts';
import type { Catalog } from '../plan/resolve.ts';
import { createCli } from './cli.ts';
import { writeStarter } from './site-files.ts';
import { VERSION } from './version.ts';

/** Does what the command line asks for; the exit code is set where it is not 0. */
export async function runCommand(catalog: Catalog): Promise<void> {
  const cli = createCli(catalog, () => program.opts<{ site?: string }>().site);
  const program = createProgram(cli);
  program.version(VERSION, '-V, --version', 'print the version');
  program
    .command('version')
    .description('print the version')
    .action(() => void cli.out.write(`allod ${VERSION}, Node ${process.versions.node}\n`));
  program
    .command('init [DOMAIN]')
    .description('write a commented site file to start from')
    .action((domain: string | undefined) => {
      writeStarter('site.yaml', domain ?? 'allod.localhost');
      cli.out.write('site.yaml was written. Read it, change it, then: ./allod up\n');
    });
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = reportError(error, process.stderr, program.args[0]);
  }
}
