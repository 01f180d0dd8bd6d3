import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Site } from '../model/site.ts';
import { PersonFault } from '../util/errors.ts';
import { Findings } from './findings.ts';
import type { Outside } from './outside.ts';
import { refusePastedSecrets } from './pasted-secrets.ts';
import type { Catalog } from './schema.ts';
import { decodeSource, MAX_BYTES, tooLarge } from './source.ts';
import { parseYaml } from './syntax.ts';
import { locate } from './tree.ts';
import { validate } from './validate.ts';

/**
 * The site a file describes. `name` stands before `:LINE:COL` in faults. Throws PersonFault with
 * every fault of the first stage that has any: encoding, YAML syntax, content, what the content refers to.
 */
export function readSite(bytes: Uint8Array, name: string, catalog: Catalog, outside: Outside = {}): Site {
  const source = decodeSource(bytes, name);
  const findings = new Findings();
  const document = parseYaml(source, findings);
  if (!document) throw findings.toFault(source);
  const root = locate(document, source, findings);
  if (root.value === null) {
    const hint = './allod init, which writes one to start from';
    findings.add({ offset: 0, path: [], expected: 'a site file', got: 'an empty one', hint });
    throw findings.toFault(source);
  }
  refusePastedSecrets(root, findings);
  const site = validate(root, source, catalog, findings, outside);
  if (!site) throw findings.toFault(source);
  return site;
}

/** {@link readSite} of a file. Throws PersonFault also where there is no such file. */
export function readSiteFile(path: string, catalog: Catalog, outside: Outside = {}): Site {
  return readSite(readBytes(path), path, catalog, outside);
}

function readBytes(path: string): Uint8Array {
  let file: number;
  try {
    // without waiting for a writer, should it be a pipe
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw fileFault(path, 'a directory', `${path.replace(/\/+$/, '')}/site.yaml`);
    if (!stat.isFile()) throw fileFault(path, 'something that is no regular file', 'the path of a site file');
    if (stat.size > MAX_BYTES) throw tooLarge(path, stat.size);
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } catch (error) {
    if (error instanceof PersonFault) throw error;
    throw unreadable(path, error);
  } finally {
    closeSync(file);
  }
}

function unreadable(path: string, error: unknown): PersonFault {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return fileFault(path, 'no such file', './allod init, or --site with the path of yours');
  if (code === 'EACCES' || code === 'EPERM')
    return fileFault(path, 'no permission to read it', 'sudo, or another mode of the file');
  return fileFault(path, `the error ${code ?? String(error)}`, 'reading it by hand to see why');
}

function fileFault(path: string, got: string, hint: string): PersonFault {
  return new PersonFault({ where: path, message: `expected a site file; got ${got}; try ${hint}` });
}
