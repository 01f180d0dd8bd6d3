import { loadCatalog } from './main/load-catalog.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader of our output has seen enough
  throw error;
});

const catalog = await loadCatalog();
const [word, domain] = process.argv.slice(2);
// Started by commands, not by people. It stays: what the commands are made of would stay in memory with it.
if (word === 'daemon' && domain !== undefined) {
  const { daemonProcess } = await import('./main/daemon.ts');
  await daemonProcess(domain, catalog);
} else {
  const { runCommand } = await import('./main/commands.ts');
  await runCommand(catalog);
}
