import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import type { CertificateSpec, OrderNote } from '../model/certificate.ts';
import { Deferred, Transient } from '../util/errors.ts';
import { type AskAuthority, orders } from './orders.ts';
import { openStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-orders-'));
const store = openStore(join(folder, 'secrets.db'));
after(() => {
  store.close();
  rmSync(folder, { recursive: true });
});
const now = Date.now;
afterEach(() => {
  Date.now = now;
});

const NAME = 'www.example.org';
const MINUTE = 60_000;
const spec: CertificateSpec = { names: [NAME], acme: { directory: 'https://ca.example.net/directory' } };
const until = new Date(now() + 86_400_000);

/** Notes as a daemon keeps them; each `start` is a new daemon. */
function remembered() {
  let notes: Record<string, OrderNote> = {};
  const kept = {
    orders: () => notes,
    saveOrders(next: Record<string, OrderNote>) {
      notes = next;
    },
  };
  return {
    noted: () => notes[NAME],
    start: (ask: AskAuthority) => orders({ store, notes: kept, ask, running: new Map(), scratch: folder }),
  };
}

async function refuse(): Promise<string> {
  throw new Transient('no');
}

function told(pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof Deferred && pattern.test(error.message);
}

test('pauses double up to six hours and a half as much again, and outlive the daemon', async () => {
  const { noted, start } = remembered();
  let time = now();
  Date.now = () => time;
  for (const minutes of [5, 10, 20, 40, 80, 160, 320, 360, 360]) {
    await assert.rejects(start(refuse)(NAME, spec, until), told(/^ca.example.net: no; .*good until \d{4}-/));
    const pause = (noted()?.notBefore ?? 0) - time;
    assert.ok(pause >= minutes * MINUTE && pause <= minutes * 1.5 * MINUTE, `${minutes}: ${pause / MINUTE}`);
    const early = start(async () => assert.fail('asked too early'));
    await assert.rejects(early(NAME, spec, until), told(/ca.example.net: no; .* the next order is due/));
    time += pause;
  }
});

test('a CA that says when is not asked before, but not believed for more than a day', async () => {
  for (const [seconds, hours] of [
    [7200, 2],
    [9_999_999, 24],
  ] as const) {
    const { noted, start } = remembered();
    const busy = async () => {
      throw Object.assign(new Transient('busy'), { retryAfter: seconds });
    };
    await assert.rejects(start(busy)(NAME, spec, until), told(/busy/));
    assert.equal(Math.round(((noted()?.notBefore ?? 0) - now()) / 3_600_000), hours);
  }
});

test('a site file that says something else is tried at once, and a clock that was set back costs nothing', async () => {
  const { start } = remembered();
  await assert.rejects(start(refuse)(NAME, spec, until), told(/no/));
  const other = { ...spec, acme: { directory: 'https://other.example.net/' } };
  await assert.rejects(start(refuse)(NAME, other, until), told(/^other.example.net: no; [^,]*$/));
  Date.now = () => now() - 30 * 86_400_000;
  await assert.rejects(start(refuse)(NAME, other, until), told(/^other.example.net: no; [^,]*$/));
});

test('one order for a name at a time, noted as failed before it begins; what comes unfit is not kept', async () => {
  const { noted, start } = remembered();
  const gate = Promise.withResolvers<string>();
  let asked = 0;
  const place = start(() => {
    asked++;
    return gate.promise;
  });
  const both = Promise.allSettled([place(NAME, spec, until), place(NAME, spec, until)]);
  assert.match(noted()?.text ?? '', /cut short/);
  gate.resolve('not a certificate');
  const outcomes = await both;
  assert.equal(asked, 1);
  for (const outcome of outcomes)
    assert.match(String(outcome.status === 'rejected' && outcome.reason), /that came is no certificate/);
  assert.equal(store.get(`certificates/${NAME}/chain`), undefined);
});

test('a bug is not taken for a refusal', async () => {
  const place = remembered().start(async () => {
    throw new TypeError('a bug');
  });
  await assert.rejects(place(NAME, spec, until), TypeError);
});
