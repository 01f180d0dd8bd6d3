import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadCatalog } from '../../src/main/load-catalog.ts';
import { CLIENT, openLoginStage, type StageOptions } from '../../src/main/login-stage.ts';

/**
 * Keeps the logins of a stage, a new one every fifth of a second, until it is ended. What it logs goes to a file.
 * With a word to die at, it ends itself by SIGKILL as soon as a login comes to that state.
 */
const [options = '', log = '', dieAt = ''] = process.argv.slice(2);
const stage = await openLoginStage(await loadCatalog(), {
  ...(JSON.parse(options) as StageOptions),
  log(text) {
    appendFileSync(log, `${text}\n`);
    if (dieAt && text.endsWith(`: ${dieAt}`)) process.kill(process.pid, 'SIGKILL');
  },
});
setTimeout(() => process.exit(1), 60_000).unref(); // nobody waits for ever
await stage.up();
process.stdout.write('up\n');
for (;;) {
  await stage.rotator.rotate(CLIENT).catch((error: Error) => appendFileSync(log, `${error.message}\n`));
  await sleep(200);
}
