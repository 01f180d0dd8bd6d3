import { boundedLog } from '../util/bounded-log.ts';
import { messageOf } from '../util/errors.ts';
import { readConfig } from './config.ts';
import { startPortal } from './portal.ts';

/** The portal's process: `portal.mjs [portal.json]`. SIGHUP reads the file again, SIGTERM ends it. */
const file = process.argv[2] ?? '/etc/allod/live/portal.json';

const log = boundedLog((line) => process.stderr.write(`${line}\n`));

async function main(): Promise<void> {
  const web = process.argv[3];
  const portal = await startPortal(readConfig(file), { log, ...(web ? { web } : {}) });
  log(`listens on 127.0.0.1:${portal.port}`);

  process.on('SIGHUP', () => {
    try {
      portal.reload(readConfig(file));
      log('took another configuration');
    } catch (error) {
      log(`goes on with the configuration it had: ${messageOf(error)}`);
    }
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void portal.close().then(() => process.exit(0)));
}

main().catch((error: unknown) => {
  log(messageOf(error));
  process.exit(1);
});
