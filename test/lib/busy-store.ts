/**
 * `node busy-store.ts <secrets.db> <host key> <audit log> <seed>`: writes, forgets, reads and makes keys new, for ever.
 * The value of a version is `<path> <version>`. Prints that after each write that was acknowledged.
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/secrets/store.ts';

const [file = '', hostKey = '', audit = '', seed = ''] = process.argv.slice(2);
const store = openStore(file, { hostKey, audit });
let state = Number(seed);

/** 0 … below - 1, from the seed alone (a linear congruential generator). */
function random(below: number): number {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  return Math.floor((state / 2 ** 31) * below);
}

for (;;) {
  const path = `a/${random(8)}`;
  const version = (store.list().find((entry) => entry.path === path)?.version ?? 0) + 1;
  const value = `${path} ${version}`;
  switch (random(5)) {
    case 0:
      store.renewKeys();
      break;
    case 1:
      store.get(path);
      break;
    case 2:
      store.forget(path, 1);
      break;
    default:
      store.put({ [path]: value });
      writeSync(1, `${value}\n`);
  }
}
