import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { NetworkMemory } from '../model/uplinks.ts';
import type { Converged } from './converge.ts';
import { nextPhase } from './phases.ts';
import { openState } from './state.ts';
import type { World } from './world.ts';

const network = (address: string) => ({ ipv4: { address, listen: address } });
const MEMORY: NetworkMemory = {
  inForce: network('203.0.113.7'),
  renumbering: { to: network('198.51.100.7'), phase: 'both', settled: 1 },
};
const MADE = { faults: new Map(), unknown: {} } as unknown as Converged;

test('a person says that it goes on while the outside is looked at: it goes on', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-'));
  const state = openState(join(folder, 'state.db'));
  t.after(() => {
    state.close();
    rmSync(folder, { recursive: true });
  });
  state.saveNetwork(MEMORY);
  const world = {
    site: { dns: { ttl: 5 } } as World['site'],
    state,
    async outside({ inForce, renumbering }: NetworkMemory) {
      if (renumbering) state.saveNetwork({ inForce, renumbering: { ...renumbering, clear: 1 } });
      return { acts: [{ id: 'glue', text: 'enter it', state: 'open' as const }], remembered: 0 };
    },
  };
  await nextPhase(world, MADE);
  assert.equal(state.network()?.renumbering?.phase, 'withdraw');
});
