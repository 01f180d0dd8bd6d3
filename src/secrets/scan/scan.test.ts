import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { generateKeyFile } from '../../util/dnssec.ts';
import { isPublic, type Needle, needlesOf } from './forms.ts';
import { createScanner } from './scanner.ts';
import { createSearch } from './search.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-scan-'));
after(() => rmSync(folder, { recursive: true }));

function formsIn(text: string | Buffer, values: Record<string, string>): string[] {
  const needles = Object.entries(values).flatMap(([secret, value]) => needlesOf(secret, value));
  const found = createSearch(needles).find(Buffer.from(text));
  return [...new Set([...found].map(({ secret, form }) => `${secret} ${form}`))].sort();
}

test('a value is found in every form it may be written in', () => {
  const values = { 'a/b': 'p"ss wörd+/ÿÿÿ>>>' };
  const value = values['a/b'];
  const cases: [string, string][] = [
    ['as it is', `x${value}x`],
    ['in JSON', JSON.stringify({ value })],
    ['in a URL', `https://example.org/?p=${encodeURIComponent(value)}&x`],
    ['in a form', new URLSearchParams({ p: value }).toString()],
    ['in hex', Buffer.from(value).toString('hex')],
    ['in hex', `00${Buffer.from(value).toString('hex').toUpperCase()}`],
    ['in base64', Buffer.from(value).toString('base64')],
    ['in base64', Buffer.from(`u:${value}`).toString('base64')],
    ['in base64', Buffer.from(`us:${value}@host`).toString('base64url')],
    ['in base64', Buffer.from(`use:${value}`).toString('base64')],
  ];
  for (const [form, text] of cases)
    assert.ok(formsIn(text, values).includes(`a/b ${form}`), `${form}: ${text}`);
  assert.deepEqual(formsIn(`${value.slice(0, -1)} ${value.slice(1)}`, values), []);
});

test('a key that signs zones is found by its number alone', () => {
  const key = generateKeyFile();
  const number = /^PrivateKey: (.*)$/m.exec(key)?.[1] ?? '';
  assert.deepEqual(formsIn(`key=${number}`, { 'dns/zone-key': key }), ['dns/zone-key as it is']);
  assert.deepEqual(formsIn('Private-key-format: v1.2', { 'dns/zone-key': key }), []);
});

test('keys are found by their lines, JSON by its texts; certificates are no secret', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    ...{
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    },
  });
  const lines = privateKey.split('\n').slice(1, -2);
  for (const line of lines) assert.deepEqual(formsIn(`- ${line}\r\n`, { key: privateKey }), ['key as it is']);
  assert.ok(formsIn(Buffer.from(privateKey).toString('base64'), { key: privateKey }).length > 0);
  const file = join(folder, 'cert');
  const subject = ['-subj', '/CN=example.org', '-keyout', `${file}.key`, '-out', file];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ed25519', '-nodes', ...subject], { stdio: 'pipe' });
  const certificate = execFileSync('cat', [file], { encoding: 'utf8' });
  assert.ok(isPublic(certificate) && isPublic(`${certificate}${certificate}`) && isPublic(publicKey));
  assert.ok(!isPublic(privateKey) && !isPublic(`${certificate}${privateKey}`) && !isPublic(''));
  assert.deepEqual(formsIn(certificate, { both: `${certificate}${privateKey}` }), []);
  assert.deepEqual(formsIn('login: hunter2-long', { db: '{"pass":["hunter2-long"],"port":1}' }), [
    'db as it is',
  ]);
});

test('what is too short is not looked for, and an empty store finds nothing', () => {
  assert.deepEqual(needlesOf('a', 'seven77'), []);
  assert.deepEqual(formsIn('anything', {}), []);
  assert.deepEqual(formsIn('12345678', { a: '12345678' }), ['a as it is']);
});

test('the search finds what a plain one finds: 300 texts of random needles', () => {
  const alphabet = 'ab';
  const random = (length: number) => [...randomBytes(length)].map((byte) => alphabet[byte % 2]).join('');
  for (let round = 0; round < 300; round++) {
    const needles = Array.from({ length: 6 }, (_, i): Needle => {
      const bytes = Buffer.from(random(8 + ((round + i) % 5)));
      return { secret: String(i), form: bytes.toString(), bytes };
    });
    const text = Buffer.from(random(400));
    const expected = needles.filter(({ bytes }) => text.includes(bytes));
    const found = createSearch(needles).find(text);
    assert.deepEqual(
      needles.filter((needle) => found.has(needle)),
      expected,
    );
  }
});

test('files: across the border of what is read at a time, in trees, not through links', () => {
  const value = 'hunter2-in-a-file';
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'deep'), { recursive: true });
  const big = Buffer.alloc(9 * 1024 * 1024, 'x');
  big.write(value, 4 * 1024 * 1024 - 5);
  writeFileSync(join(tree, 'deep/big'), big);
  writeFileSync(join(tree, 'last'), `x${value}`);
  writeFileSync(join(folder, 'outside'), value);
  symlinkSync(join(folder, 'outside'), join(tree, 'link'));
  const scanner = createScanner(needlesOf('a/b', value));
  scanner.tree('image', 'app', tree);
  scanner.file('image', 'app', join(folder, 'gone'));
  scanner.file('image', 'app', folder);
  scanner.text('plan', 'plan', `x ${value}`);
  assert.deepEqual(
    scanner.leaks.map(({ where }) => where),
    ['app/deep/big', 'app/last', 'plan'],
  );
  assert.deepEqual(scanner.seen.image, { texts: 2, bytes: big.length + value.length + 1 });
  assert.doesNotMatch(JSON.stringify([scanner.leaks, scanner.seen]), /hunter2/);
});
