import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apart, type Opening } from './apart.ts';

function open(from: string, port: number, endPort?: number, to = '10.9.0.2'): Opening {
  return { from, to, protocol: 'tcp', port, ...(endPort === undefined ? {} : { endPort }) };
}

function shown(openings: Opening[]): string[] {
  return apart(openings).map(({ from, to, port, endPort }) => `${from} ${to} ${port}-${endPort}`);
}

test('of networks within one another the widest stays, however it is spelt', () => {
  const networks = ['10.1.0.0/16', '10.0.0.0/8', '192.168.1.0/24', '10.0.0.0/8', '10.1.2.0/24'];
  assert.deepEqual(shown(networks.map((from) => open(from, 53))), [
    '10.0.0.0/8 10.9.0.2 53-53',
    '192.168.1.0/24 10.9.0.2 53-53',
  ]);
  const six = ['2001:db8:a::/48', '2001:DB8:A:0::/48', '2001:db8:a:1::/64', '2001:db8:b::/64'];
  assert.deepEqual(shown(six.map((from) => open(from, 53))), [
    '2001:db8:a::/48 10.9.0.2 53-53',
    '2001:db8:b::/64 10.9.0.2 53-53',
  ]);
});

test('ranges are cut where another begins or ends, and stay whole where none does', () => {
  assert.deepEqual(shown([open('anywhere', 10, 20), open('anywhere', 15), open('anywhere', 30, 40)]), [
    'anywhere 10.9.0.2 10-14',
    'anywhere 10.9.0.2 15-15',
    'anywhere 10.9.0.2 16-20',
    'anywhere 10.9.0.2 30-40',
  ]);
  assert.deepEqual(shown([open('10.0.0.0/8', 10, 20), open('10.1.0.0/16', 18, 22)]), [
    '10.0.0.0/8 10.9.0.2 10-17',
    '10.0.0.0/8 10.9.0.2 18-20',
    '10.1.0.0/16 10.9.0.2 21-22',
  ]);
});

test('pods, and addresses that are no networks, have nothing to do with each other', () => {
  const all = [open('2001:db8::1', 1), open('2001:db8::2', 1), open('anywhere', 1, 1, '10.9.0.3')];
  assert.equal(apart(all).length, 3);
});

test('what was open is open, and nothing else, whatever overlaps', () => {
  const lengths = [8, 9, 10, 12, 16];
  let seed = 1;
  const draw = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 50; round++) {
    const openings = Array.from({ length: 6 }, () => {
      const length = lengths[draw(lengths.length)] ?? 8;
      const second = (draw(256) >> (16 - length)) << (16 - length);
      const port = 1 + draw(10);
      return open(`10.${length > 8 ? second : 0}.0.0/${length}`, port, port + draw(5));
    });
    const elements = apart(openings);
    for (let second = 0; second < 256; second += 4)
      for (let port = 1; port < 16; port++) {
        const hits = (all: Opening[]) => all.filter((one) => covers(one, second, port)).length;
        assert.equal(hits(elements), Math.min(1, hits(openings)), JSON.stringify(openings));
      }
  }
});

/** Whether an opening is for 10.`second`.0.0 and a port. */
function covers({ from, port: first, endPort = first }: Opening, second: number, port: number): boolean {
  const [, start = 0, length = 0] = /^10\.(\d+)\.0\.0\/(\d+)$/.exec(from)?.map(Number) ?? [];
  return first <= port && port <= endPort && second >> (16 - length) === start >> (16 - length);
}
