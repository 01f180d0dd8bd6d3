import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type StorePlace, storePlaces } from '../../test/lib/store-place.ts';
import { openStore } from './store.ts';

const place = storePlaces('kill');
const BUSY = join(import.meta.dirname, '../../test/lib/busy-store.ts');
const KILLS = 15;

/** Lets a process work on the store until it acknowledged some writes, and kills it a little later. */
async function workAndKill({ file, hostKey, audit }: StorePlace, seed: number): Promise<string[]> {
  const child = spawn(process.execPath, [BUSY, file, hostKey, audit, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const worked = Promise.withResolvers<void>();
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line) > seed % 7 && worked.resolve());
  child.on('exit', () => worked.reject(new Error('it ended by itself')));
  await worked.promise;
  await sleep((seed * 7) % 10);
  child.kill('SIGKILL');
  await once(child, 'close');
  return lines;
}

test('killed at any moment of writing, forgetting and making keys new: nothing acknowledged is lost', async () => {
  const where = place();
  const acknowledged = new Map<string, number>();
  const keys = new Set<string>();
  let written = 0;
  for (let seed = 1; seed <= KILLS; seed++) {
    for (const line of await workAndKill(where, seed)) {
      const [path = '', version] = line.split(' ');
      acknowledged.set(path, Number(version));
      written++;
    }
    const store = openStore(where.file, where);
    assert.equal(store.sealed, false);
    for (const { path, version, keyId } of store.list()) {
      assert.equal(store.get(path)?.reveal(), `${path} ${version}`, `after kill ${seed}`);
      keys.add(keyId);
    }
    for (const [path, version] of acknowledged)
      assert.ok((store.get(path)?.version ?? 0) >= version, `${path} ${version} after kill ${seed}`);
    assert.deepEqual(store.verifyAudit().fault, undefined, `after kill ${seed}`);
    store.close();
  }
  assert.ok(
    written > KILLS && keys.size > 3,
    `${written} writes, ${keys.size} data keys: too little happened`,
  );
});
