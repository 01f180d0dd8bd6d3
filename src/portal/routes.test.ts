import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { type Trial, tryPortal } from '../../test/lib/portal.ts';
import { readConfig } from './config.ts';
import { html } from './html.ts';

describe('what the portal serves besides signing in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-web-'));
  const web = join(folder, 'web');
  let trial: Trial;

  before(async () => {
    mkdirSync(join(web, 'chunks'), { recursive: true });
    const entry = {
      js: 'console-ABCDEFGH.js',
      css: 'console-HGFEDCBA.css',
      imports: ['chunks/react-AAAAAAAA.js'],
    };
    const manifest = { console: entry, sign: { js: 'sign-BBBBBBBB.js', imports: [] } };
    const files: Record<string, string> = {
      'manifest.json': JSON.stringify(manifest),
      'console-ABCDEFGH.js': 'export const text = "console";',
      'console-HGFEDCBA.css': 'body {}',
      'chunks/react-AAAAAAAA.js': '1',
      'sign-BBBBBBBB.js': '2',
      '.hidden.js': 'no',
      '../outside.js': 'no',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(web, name), text);
    writeFileSync(
      join(web, 'console-ABCDEFGH.js.br'),
      brotliCompressSync(files['console-ABCDEFGH.js'] ?? ''),
    );
    trial = await tryPortal({}, { web });
    trial.directory.add('alice', 'down the rabbit hole');
  });

  after(async () => {
    await trial.close();
    rmSync(folder, { recursive: true });
  });

  test('files of the bundle, for good and as small as the browser takes them', async () => {
    const visit = trial.visit();
    const plain = await visit.get('/assets/console-ABCDEFGH.js');
    assert.equal(plain.text, 'export const text = "console";');
    assert.equal(plain.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
    const packed = await visit.get('/assets/console-ABCDEFGH.js', { 'accept-encoding': 'gzip, br' });
    assert.equal(packed.headers['content-encoding'], 'br');
    assert.equal(packed.headers.vary, 'Accept-Encoding');
    assert.notEqual(packed.text, plain.text);
    assert.equal(Number(packed.headers['content-length']), brotliCompressSync(plain.text).length);
    assert.equal(brotliDecompressSync(brotliCompressSync(plain.text)).toString(), plain.text);
    assert.equal((await visit.get('/assets/chunks/react-AAAAAAAA.js')).status, 200);
  });

  test('nothing outside the bundle', async () => {
    for (const path of [
      '../outside.js',
      '..%2foutside.js',
      '%2e%2e/outside.js',
      'chunks/../../outside.js',
      '.hidden.js',
      'chunks',
      '',
      'manifest.json',
      'console-ABCDEFGH.js%00',
      '/etc/passwd',
    ]) {
      const reply = await trial.visit().get(`/assets/${path}`);
      assert.equal(reply.status, 404, path);
      assert.doesNotMatch(reply.text, /^no$/);
    }
  });

  test('the shell of home and console loads its entry, and takes a session', async () => {
    const visit = trial.visit();
    for (const path of ['/', '/console', '/console/people/alice'])
      assert.equal((await visit.get(path)).status, 303);
    const sign = await visit.get('/sign-in');
    assert.match(sign.text, /<script type="module" src="\/assets\/sign-BBBBBBBB\.js">/);
    await visit.signIn('alice', 'down the rabbit hole');
    for (const path of ['/', '/console', '/console/people/alice']) {
      const { status, text } = await visit.get(path);
      assert.equal(status, 200);
      assert.match(text, /<div id="root"><\/div>/);
      assert.match(text, /<script type="module" src="\/assets\/console-ABCDEFGH\.js">/);
      assert.match(text, /<link rel="stylesheet" href="\/assets\/console-HGFEDCBA\.css">/);
      assert.match(text, /<link rel="modulepreload" href="\/assets\/chunks\/react-AAAAAAAA\.js">/);
    }
  });

  test('every answer has the headers that keep a browser from mischief', async () => {
    const visit = trial.visit();
    for (const path of [
      '/',
      '/sign-in',
      '/nothing',
      '/api/me',
      '/auth',
      '/assets/sign-BBBBBBBB.js',
      '/.well-known/openid-configuration',
    ]) {
      const { headers } = await visit.get(path);
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /default-src 'self'; script-src 'self'; .*frame-ancestors 'none'/, path);
      assert.match(policy, /form-action 'self' https:\/\/projects\.example\.org$/, path);
      assert.doesNotMatch(policy, /unsafe/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'same-origin');
      assert.match(String(headers['permissions-policy']), /camera=\(\)/);
    }
    assert.equal((await visit.get('/sign-in')).headers['cache-control'], 'no-store');
  });

  test('health is the database’s alone', async () => {
    trial.directory.away = new Error('away');
    assert.equal((await trial.visit().get('/health')).status, 200);
    delete trial.directory.away;
  });

  test('what is not there is a page that says so', async () => {
    const reply = await trial.visit().get('/wp-login.php');
    assert.equal(reply.status, 404);
    assert.match(reply.text, /There is nothing here/);
    const large = 'x'.repeat(100_000);
    assert.equal((await trial.visit().signIn('alice', large)).status, 413);
  });
});

test('a configuration with faults tells all of them, and no value', () => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-config-'));
  try {
    const file = join(folder, 'portal.json');
    writeFileSync(
      file,
      JSON.stringify({ title: 'x', issuer: 'http://secret-value', cookieKeys: [], port: 'secret-value' }),
    );
    assert.throws(
      () => readConfig(file),
      (error: Error) => {
        assert.match(error.message, /portal\.json issuer: .*\n/);
        assert.match(error.message, /portal\.json port: /);
        assert.match(error.message, /portal\.json signingKeys: /);
        assert.doesNotMatch(error.message, /secret-value/);
        return true;
      },
    );
    writeFileSync(file, '{"cookieKeys": ["secret-value" oops');
    assert.throws(() => readConfig(file), /^(?!.*secret-value).*expected JSON/s);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('values in HTML are text, in tags and in attributes', () => {
  const text = `<b title="x">'&`;
  assert.equal(
    html`<p class="${text}">${text}${html`<i>${1}</i>`}${[undefined, false]}</p>`.text,
    '<p class="&lt;b title=&quot;x&quot;&gt;&#39;&amp;">&lt;b title=&quot;x&quot;&gt;&#39;&amp;<i>1</i></p>',
  );
});
