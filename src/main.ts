import { createProgram, reportError } from './cli/program.ts';
import { createCli } from './main/cli.ts';
import { runDaemon } from './main/daemon.ts';
import { loadCatalog } from './main/load-catalog.ts';
import { planned } from './main/outside.ts';
import { writeStarter } from './main/site-files.ts';
import { VERSION } from './main/version.ts';
import { readSite } from './site/read.ts';

const catalog = await loadCatalog();
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
program
  .command('daemon DOMAIN', { hidden: true })
  .action((domain: string) =>
    runDaemon(domain, catalog, (text) => readSite(Buffer.from(text), 'site.yaml', catalog, planned(catalog))),
  );

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader of our output has seen enough
  throw error;
});
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error, process.stderr, program.args[0]);
}
