import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { AUTHENTIC_DATA, AUTHORITATIVE_ANSWER, encode, type Packet, TRUNCATED_RESPONSE } from 'dns-packet';
import { type Reply, wireServer } from '../../test/lib/dns-wire.ts';
import { askDns } from './dns-client.ts';
import { Transient } from './errors.ts';

const address = (data: string) => ({ type: 'A', name: 'WWW.Example.org', ttl: 60, data }) as const;
const right: Reply = () => ({ flags: AUTHORITATIVE_ANSWER, answers: [address('192.0.2.1')] });
const name = 'www.example.org.';

function addressesIn({ answers }: Awaited<ReturnType<typeof askDns>>): unknown[] {
  return answers.map(({ data }) => data);
}

test('an answer has its flags, its code, and names as they are compared', async (t) => {
  for (const at of ['127.0.0.1', '::1']) {
    const { port } = await wireServer(t, at, ({ type }) =>
      type === 'A' ? right({ name, type }, 'udp') : { flags: AUTHENTIC_DATA, rcode: 'NXDOMAIN' },
    );
    const answer = await askDns({ server: at, port, name, type: 'A' });
    assert.deepEqual(answer, {
      ...{ rcode: 'NOERROR', authoritative: true, authentic: false, recursive: false },
      answers: [
        { type: 'A', name: 'www.example.org', ttl: 60, class: 'IN', flush: false, data: '192.0.2.1' },
      ],
      ...{ authorities: [], additionals: [] },
    });
    const none = await askDns({ server: at, port, name, type: 'AAAA', dnssec: true });
    assert.deepEqual([none.rcode, none.authoritative, none.authentic], ['NXDOMAIN', false, true]);
  }
});

test('what does not fit into a datagram is asked over TCP', async (t) => {
  const many = Array.from({ length: 200 }, (_, i) => address(`192.0.2.${i}`));
  const { address: server, port } = await wireServer(t, '127.0.0.1', (_, by) =>
    by === 'udp' ? { flags: TRUNCATED_RESPONSE } : { answers: many },
  );
  assert.equal((await askDns({ server, port, name, type: 'A' })).answers.length, 200);
});

test('only the server that was asked answers, and only what it was asked', async (t) => {
  const stranger = createSocket('udp4');
  t.after(() => stranger.close());
  const { address: server, port } = await wireServer(t, '127.0.0.1', right, 0, (query, client, send) => {
    const forged: Packet = { type: 'response', id: query.id, answers: [address('192.0.2.66')] };
    const questions = query.questions ?? [];
    stranger.send(encode({ ...forged, questions }), client.port, client.address);
    send(encode({ ...forged, questions, id: ((query.id ?? 0) + 1) % 65_536 }));
    send(encode({ ...forged, questions: [{ type: 'A', name: 'other.example.org' }] }));
    send(encode({ ...forged, type: 'query', questions }));
    send(Buffer.from('noise'));
  });
  assert.deepEqual(addressesIn(await askDns({ server, port, name, type: 'A' })), ['192.0.2.1']);
});

test('a datagram that was lost is sent once more', async (t) => {
  let seen = 0;
  const { address: server, port } = await wireServer(t, '127.0.0.1', () =>
    ++seen === 1 ? undefined : { answers: [address('192.0.2.2')] },
  );
  assert.deepEqual(addressesIn(await askDns({ server, port, name, type: 'A', timeout: 400 })), ['192.0.2.2']);
});

test('whoever gives no answer is named', async (t) => {
  const silent = await wireServer(t, '127.0.0.1', () => undefined);
  const asked = { server: silent.address, port: silent.port, name, type: 'A', timeout: 50 } as const;
  for (const [question, pattern] of [
    [asked, /^127\.0\.0\.1 gives no answer for www\.example\.org A: silence for 0\.05 s$/],
    [{ ...asked, tcp: true }, /^127\.0\.0\.1 gives no answer .*the connection was closed$/],
    [{ ...asked, server: '127.0.0.99' }, /^127\.0\.0\.99 gives no answer .*ECONNREFUSED/],
  ] as const)
    await assert.rejects(
      askDns(question),
      (error) => error instanceof Transient && pattern.test(error.message),
    );
});
