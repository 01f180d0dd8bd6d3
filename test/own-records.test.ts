import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exec } from '../src/util/exec.ts';
import { cleanUp, type TestSite, testSite } from './lib/site.ts';

/** People's own records, from the site file to what the server answers. */
const ADDRESS = '127.53.7.9';
let site: TestSite;
const records = `    - { name: "@", type: TXT, value: "it's ${'x'.repeat(300)}" }
    - { name: printer, type: A, values: [192.168.7.9, 203.0.113.8] }
`;

before(async () => {
  await cleanUp();
  site = newSite('own.example.org', '2001:db8:517e:3::/64');
});
after(cleanUp);

test('a site of nothing but records brings the server of names along and serves them, and notices are said', async () => {
  write(site, records);
  const { code, stderr } = await site.allod('up');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^notice: dns\.records printer\.own\.example\.org A: 192\.168\.7\.9 is private/m);
  assert.match(stderr, /^notice: .* TXT: .* as 2 strings/m);
  assert.match(await dig('own.example.org', 'TXT'), /^"it's x{250}" "x{50}"$/);
  assert.equal(await dig('printer.own.example.org', 'A'), '192.168.7.9\n203.0.113.8');
  assert.deepEqual(
    (await site.status()).services.map(({ id }) => id),
    ['dns'],
  );
});

test('a bad record is told, and what is served stays', async () => {
  write(site, `${records}    - { name: ns1, type: CNAME, value: 203.0.113.9 }\n`);
  const { code, stderr } = await site.allod('up');
  assert.equal(code, 2);
  assert.match(stderr, /dns\.records\[2\]\.value: expected a label or full name, not an IP address/);
  assert.equal(await dig('printer.own.example.org', 'A'), '192.168.7.9\n203.0.113.8');
});

test('another site at the same address is told who is there', async () => {
  const other = newSite('other.example.org', '2001:db8:517e:4::/64');
  const { code, stderr } = await other.allod('up');
  assert.equal(code, 2);
  assert.match(
    stderr,
    /network\.ipv4\.address: .* got 127\.53\.7\.9, where the site own\.example\.org has 53\/udp, 53\/tcp;/,
  );
});

test('a record that is taken out of the file goes', async () => {
  write(site, records.split('\n').slice(0, 1).join('\n'));
  const { code, stderr } = await site.allod('up');
  assert.equal(code, 0, stderr);
  assert.equal(await dig('printer.own.example.org', 'A'), '');
  assert.match(await dig('own.example.org', 'TXT'), /^"it's/);
});

function newSite(domain: string, pool: string): TestSite {
  return testSite({ domain, pool, address: ADDRESS, services: ['dns'] });
}

function write({ domain, write: put }: TestSite, list: string): void {
  put(`version: 1
domain: ${domain}
network:
  ipv6: { pool: "2001:db8:517e:3::/64" }
  ipv4: { address: ${ADDRESS} }
dns:
  records:
${list}
`);
}

async function dig(name: string, type: string): Promise<string> {
  const answer = await exec(['dig', '+short', '+norec', '+time=2', `@${ADDRESS}`, name, type]);
  return answer.trim().split('\n').sort().join('\n');
}
