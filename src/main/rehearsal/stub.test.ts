import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answered, createStub } from './stub.ts';

/** Two name servers, what they say, and a clock that is turned by hand; `asked` tells who was asked. */
function world(): {
  says: Map<string, Answered>;
  asked: string[];
  clock: { ms: number };
  stub: ReturnType<typeof createStub>;
} {
  const says = new Map<string, Answered>();
  const asked: string[] = [];
  const clock = { ms: 0 };
  const stub = createStub({
    async ask(server) {
      asked.push(server);
      const answer = says.get(server);
      if (!answer) throw new Error(`${server} is silent`);
      return answer;
    },
    now: () => clock.ms,
  });
  return { says, asked, clock, stub };
}

test('an answer is remembered for as long as it allows', async () => {
  const { says, asked, clock, stub } = world();
  stub.delegate(['one']);
  says.set('one', { addresses: ['2001:db8::1'], ttl: 5 });
  assert.deepEqual(await stub.resolve('example.org', 'AAAA'), ['2001:db8::1']);
  says.set('one', { addresses: ['2001:db8::2'], ttl: 5 });
  clock.ms = 4999;
  assert.deepEqual(await stub.resolve('example.org', 'AAAA'), ['2001:db8::1']);
  clock.ms = 5000;
  assert.deepEqual(await stub.resolve('example.org', 'AAAA'), ['2001:db8::2']);
  assert.deepEqual(asked, ['one', 'one']);
});

test('that there is no address is remembered too', async () => {
  const { says, asked, stub } = world();
  stub.delegate(['one']);
  says.set('one', { addresses: [], ttl: 60 });
  assert.deepEqual(await stub.resolve('example.org', 'AAAA'), []);
  assert.deepEqual(await stub.resolve('example.org', 'AAAA'), []);
  assert.deepEqual(asked, ['one']);
});

test('a silent name server is passed over, and asked last from then on', async () => {
  const { says, asked, stub } = world();
  stub.delegate(['one', 'two']);
  says.set('two', { addresses: ['203.0.113.7'], ttl: 0 });
  await stub.resolve('example.org', 'A');
  await stub.resolve('example.org', 'A');
  assert.deepEqual(asked, ['one', 'two', 'two']);
});

test('all are silent: what is remembered counts until its end', async () => {
  const { says, clock, stub } = world();
  stub.delegate(['one']);
  says.set('one', { addresses: ['203.0.113.7'], ttl: 5 });
  await stub.resolve('example.org', 'A');
  says.delete('one');
  assert.deepEqual(await stub.resolve('example.org', 'A'), ['203.0.113.7']);
  clock.ms = 5000;
  await assert.rejects(stub.resolve('example.org', 'A'), /no name server answers for example\.org/);
});

test('who asks at the same time waits for the same answer', async () => {
  const { says, asked, stub } = world();
  stub.delegate(['one']);
  says.set('one', { addresses: ['203.0.113.7'], ttl: 0 });
  await Promise.all([stub.resolve('example.org', 'A'), stub.resolve('example.org', 'A')]);
  assert.deepEqual(asked, ['one']);
});
