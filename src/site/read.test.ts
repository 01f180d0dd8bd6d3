import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { drawing } from '../../test/lib/random.ts';
import { catalog } from '../../test/site/catalog.ts';
import { PersonFault } from '../util/errors.ts';
import { readSite, readSiteFile } from './read.ts';

const goldens = new URL('../../test/site/', import.meta.url);
const divider = '----------\n';
/** UPDATE_GOLDENS=1 writes what is expected from what comes out; read the difference before a commit. */
const update = process.env.UPDATE_GOLDENS === '1';

function faultsOf(bytes: Uint8Array | string): string {
  try {
    readSite(Buffer.from(bytes), 'site.yaml', catalog);
  } catch (error) {
    if (error instanceof PersonFault) return error.message;
    throw error;
  }
  return 'no fault';
}

test('valid site files give the site of their .json', async (context) => {
  const folder = new URL('valid/', goldens);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    await context.test(file, () => {
      const site = readSite(readFileSync(new URL(file, folder)), 'site.yaml', catalog);
      const expected = new URL(file.replace(/yaml$/, 'json'), folder);
      if (update) writeFileSync(expected, `${JSON.stringify(site, null, 2)}\n`);
      assert.deepEqual(site, JSON.parse(readFileSync(expected, 'utf8')));
    });
  }
});

test('invalid site files give the faults below their divider', async (context) => {
  const folder = new URL('invalid/', goldens);
  for (const file of readdirSync(folder)) {
    await context.test(file, () => {
      const [input = '', expected] = readFileSync(new URL(file, folder), 'utf8').split(divider);
      const faults = `${faultsOf(input)}\n`;
      if (update) writeFileSync(new URL(file, folder), input + divider + faults);
      else assert.equal(faults, expected);
    });
  }
});

const valid = readFileSync(new URL('valid/settings.yaml', goldens), 'utf8');
const records = readFileSync(new URL('valid/records.yaml', goldens), 'utf8');

test('a byte order mark and CRLF line ends change nothing', () => {
  const plain = readSite(Buffer.from(valid), 'site.yaml', catalog);
  const windows = Buffer.from(`\ufeff${valid.replaceAll('\n', '\r\n')}`);
  assert.deepEqual(readSite(windows, 'site.yaml', catalog), plain);
  assert.match(faultsOf('\ufeffversion: 2'), /^site\.yaml:1:10 version/);
});

test('bytes that are no UTF-8 text are named with their place', () => {
  const latin1 = Buffer.concat([Buffer.from('# ä \ufffd\nversion: 1\nx: '), Buffer.from([0xe4, 0x0a])]);
  assert.equal(
    faultsOf(latin1),
    'site.yaml:3:4: expected text in UTF-8; got the byte 0xe4; try saving the file as UTF-8',
  );
  assert.match(faultsOf(Buffer.from(`\ufeff${valid}`, 'utf16le')), /^site\.yaml:1:1: .* got UTF-16;/);
  assert.match(faultsOf(Buffer.from([0x61, 0xc3])), /^site\.yaml:1:2: .*0xc3/);
  assert.match(faultsOf('version: 1\na: \0'), /^site\.yaml:2:4: .*U\+0000/);
  assert.match(faultsOf('version: 1\ra: 1'), /^site\.yaml:1:11: .*U\+000D; try saving the file with LF/);
});

test('limits are named, and a secret in a broken file is not shown', () => {
  assert.match(faultsOf(Buffer.alloc(50_000_000, 0x23)), /at most 1048576 bytes .* got 50000000/);
  assert.match(faultsOf(`[${','.repeat(500_000)}]`), /at most 400000 words and marks/);
  assert.doesNotMatch(faultsOf('password: "hunter2\nx: ]\npassword: hunter2 : hunter2'), /hunter2/);
});

test('the first hundred faults are shown, the others counted', () => {
  const keys = Array.from({ length: 150 }, (_, i) => `k${i}: 1`).join('\n');
  const faults = faultsOf(`${readFileSync(new URL('valid/smallest.yaml', goldens), 'utf8')}${keys}`).split(
    '\n',
  );
  assert.equal(faults.length, 101);
  assert.equal(faults.at(-1), 'site.yaml: and 50 more faults');
});

test('a faulty file leaves object prototypes alone', () => {
  faultsOf(
    '__proto__: { polluted: 1 }\nservices: { __proto__: { polluted: 1 }, a: { __proto__: { polluted: 1 } } }',
  );
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test('5,000 mutations of two valid files give a site or a PersonFault', () => {
  const random = drawing(20_261_123);
  const pieces = [
    '\0',
    '\t',
    ': ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '!!',
    '"',
    "'",
    '|\n',
    '#',
    '%',
    '?',
    '---\n',
  ]
    .concat([
      '__proto__: ',
      '<<: ',
      '.nan',
      '0777',
      '\u202e',
      'ü',
      '\r',
      '\n',
      '  ',
      'null',
      '1e999',
      '::/64',
    ])
    .map((piece) => Buffer.from(piece));
  let sites = 0;
  for (let round = 0; round < 5000; round++) {
    let bytes = Buffer.from(round % 2 === 0 ? valid : records);
    for (let edits = 1 + random(4); edits > 0; edits--) bytes = mutate(bytes, random, pieces);
    try {
      readSite(bytes, 'site.yaml', catalog);
      sites++;
    } catch (error) {
      if (error instanceof PersonFault) continue;
      throw new Error(`round ${round}: ${JSON.stringify(bytes.toString('latin1'))}`, { cause: error });
    }
  }
  // both outcomes were seen, so the mutations are neither too wild nor too tame
  assert.ok(sites > 100 && sites < 4900, `${sites} sites`);
});

function mutate(bytes: Buffer, random: (below: number) => number, pieces: Buffer[]): Buffer<ArrayBuffer> {
  const at = random(bytes.length + 1);
  const end = Math.min(bytes.length, at + random(12));
  const before = bytes.subarray(0, at);
  const kind = random(4);
  if (kind === 0) return Buffer.concat([before, pieces[random(pieces.length)] ?? before, bytes.subarray(at)]);
  if (kind === 1) return Buffer.concat([before, bytes.subarray(end)]);
  if (kind === 2) return Buffer.concat([before, bytes.subarray(at, end), bytes.subarray(at)]);
  return Buffer.concat([before, Buffer.from([random(256)]), bytes.subarray(at + 1)]);
}

test('a path that is no site file is named with what it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-site-'));
  try {
    const message = (path: string) => {
      try {
        readSiteFile(path, catalog);
      } catch (error) {
        if (error instanceof PersonFault) return error.message;
        throw error;
      }
      return 'no fault';
    };
    const file = join(folder, 'site.yaml');
    assert.equal(
      message(file),
      `${file}: expected a site file; got no such file; try ./allod init, or --site with the path of yours`,
    );
    writeFileSync(file, valid);
    assert.equal(message(file), 'no fault');
    assert.match(message(join(file, 'deeper')), /got no such file/);
    assert.match(message(folder), /got a directory; try .*\/site\.yaml$/);
    assert.match(message('/dev/zero'), /got something that is no regular file/);
    writeFileSync(file, Buffer.alloc(2 ** 20 + 1, 0x20));
    assert.match(message(file), /got 1048577;/);
    rmSync(file);
    symlinkSync('site.yaml', file);
    assert.match(message(file), /got the error ELOOP/);
    assert.match(message(`${folder}/a\0b`), /got the error ERR_INVALID_ARG_VALUE/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
