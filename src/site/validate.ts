import type { Site, SiteService } from '../model/site.ts';
import { describe, explain } from './explain.ts';
import { type Findings, quote } from './findings.ts';
import { checkFiles, checkReferences } from './host-files.ts';
import { findHosts } from './hosts.ts';
import { nearest } from './nearest.ts';
import type { Outside } from './outside.ts';
import { phraseOf } from './phrases.ts';
import { clashes } from './records/clashes.ts';
import { type Entry, readEntries } from './records/entries.ts';
import { setFaults } from './records/sets.ts';
import { type Catalog, commonKeys, SITE_VERSION, siteSchema, strictSettings } from './schema.ts';
import { checkSecondaries } from './secondaries.ts';
import type { Source } from './source.ts';
import { findLocated, type Located } from './tree.ts';

/** A site from a located document; undefined where findings were added. */
export function validate(
  root: Located,
  source: Source,
  catalog: Catalog,
  findings: Findings,
  outside: Outside,
): Site | undefined {
  if (isNewer(root, findings)) return undefined;
  const raw = emptyForNothing(root.value);
  const frame = siteSchema.safeParse(raw, { error: phraseOf });
  if (!frame.success) explain({ root, schema: siteSchema, at: [], findings }, frame.error.issues);
  refuseDoubles(root, findings);
  const entries = validateServices(root, catalog, findings);
  const hosts = findHosts(root, source, catalog, findings);
  const records = readEntries(root, findings);
  for (const fault of setFaults(records)) findings.add(fault);
  const isSound = !findings.any; // what services it has is known then
  checkFiles({ root, source, findings }, outside);
  if (!frame.success || !isSound) return undefined;

  const { domain, network, dns, administrators, secrets, certificates } = frame.data;
  const services = entries
    .map(
      (entry): SiteService => ({
        ...{ ...entry, host: hosts.get(entry.id) ?? '' },
        ...accessOf(frame.data.services[entry.id]),
      }),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const { period, drain, lifetime = 3 * period + drain } = secrets.logins;
  const { files } = secrets;
  const sources = Object.entries(secrets.sources)
    .map(([name, origin]) => ({ name, ...origin }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const site: Site = {
    version: SITE_VERSION,
    domain,
    network,
    dns: {
      ...dns,
      records: recordSpecs(records, frame.data.dns),
      secondaries: dns.secondaries.map((each) => ({ ...each, name: fullName(each.name, domain) })),
    },
    administrators,
    secrets: { unseal: secrets.unseal, logins: { period, drain, lifetime }, sources, files },
    certificates,
    services,
  };
  checkReferences({ root, source, findings }, site, outside);
  checkSecondaries(root, site, findings, outside);
  const wanted = records.length === 0 ? [] : (outside.records?.(site) ?? []);
  for (const fault of clashes(records, wanted, site.certificates.acme !== undefined)) findings.add(fault);
  if (outside.isPublicSuffix?.(domain)) refuseSuffix(root, domain, findings);
  checkNetwork(root, site, findings, outside);
  return findings.any ? undefined : site;
}

function fullName(name: string, domain: string): string {
  return name.includes('.') ? name : `${name}.${domain}`;
}

/** One set for each entry; all entries are sound, so the two lists are alike. */
function recordSpecs(
  entries: Entry[],
  { ttl, records }: { ttl: number; records: { ttl?: number | undefined }[] },
) {
  return entries
    .map(({ name, type, values }, i) => ({
      ...{ name, type, ttl: records[i]?.ttl ?? ttl },
      values: values.map(({ text }) => text).sort(),
    }))
    .sort((a, b) => (`${a.name}/${a.type}` < `${b.name}/${b.type}` ? -1 : 1));
}

function refuseSuffix(root: Located, domain: string, findings: Findings): void {
  findings.add({
    offset: findLocated(root, ['domain'])?.offset ?? 0,
    path: ['domain'],
    expected: 'a domain of yours, not one that names are registered below',
    got: quote(domain),
    hint: `example.${domain}, with the name you have registered`,
  });
}

/** Whether this machine can give the site its addresses. */
function checkNetwork(root: Located, site: Site, findings: Findings, outside: Outside): void {
  for (const refusal of outside.refuseNetwork?.(site) ?? [])
    findings.add({ offset: findLocated(root, refusal.path)?.offset ?? 0, ...refusal });
}

/** A file of a later version may mean other things by the same keys: nothing else is said about it. */
function isNewer(root: Located, findings: Findings): boolean {
  const version = findLocated(root, ['version']);
  if (typeof version?.value !== 'number' || !(version.value > SITE_VERSION)) return false;
  findings.add({
    offset: version.offset,
    path: ['version'],
    expected: `${SITE_VERSION}, the version this program reads`,
    got: describe(version),
    hint: 'updating Allod: the file is written for a newer one',
  });
  return true;
}

/** `contacts:` with nothing after it means `contacts: {}`. */
function emptyForNothing(value: unknown): unknown {
  if (!isRecord(value) || !isRecord(value.services)) return value;
  const services = Object.entries(value.services).map(([id, entry]) => [id, entry ?? {}]);
  return { ...value, services: Object.fromEntries(services) };
}

function refuseDoubles(root: Located, findings: Findings): void {
  const services = [...(findLocated(root, ['services'])?.children.keys() ?? [])];
  for (const path of [['administrators'], ...services.map((id) => ['services', id, 'access'])])
    refuseDoublesIn(root, path, findings);
}

function refuseDoublesIn(root: Located, list: string[], findings: Findings): void {
  const seen = new Map<unknown, string>();
  for (const [i, name] of findLocated(root, list)?.children ?? []) {
    if (typeof name.value !== 'string') continue;
    const first = seen.get(name.value);
    if (first === undefined) seen.set(name.value, i);
    else {
      const got = `${quote(name.value)} again, first in ${list.at(-1)}[${first}]`;
      const path = [...list, Number(i)];
      findings.add({
        offset: name.offset,
        path,
        expected: 'each name once',
        got,
        hint: 'removing one of the two',
      });
    }
  }
}

/** Each entry by its folder's schema. */
function validateServices(root: Located, catalog: Catalog, findings: Findings): Omit<SiteService, 'host'>[] {
  const schemas = new Map([...catalog].map(([type, entry]) => [type, strictSettings(entry.settings)]));
  const valid: Omit<SiteService, 'host'>[] = [];
  for (const [id, located] of findLocated(root, ['services'])?.children ?? []) {
    const raw = located.value ?? {};
    if (!isRecord(raw)) continue; // the frame has said so
    const type = checkType(id, located, catalog, findings);
    const schema = type === undefined ? undefined : schemas.get(type);
    if (type === undefined || schema === undefined) continue;
    const settings: Record<string, unknown> = Object.fromEntries(
      Object.entries(raw).filter(([key]) => !(key in commonKeys)),
    );
    const result = schema.safeParse(settings, { error: phraseOf });
    if (result.success) valid.push({ id, type, settings: result.data });
    else explain({ root, schema, at: ['services', id], findings }, result.error.issues);
  }
  return valid;
}

/** The folder an entry is of; undefined where it is of none, or of one it may not be of. */
function checkType(id: string, entry: Located, catalog: Catalog, findings: Findings): string | undefined {
  const given = entry.children.get('type');
  if (given && typeof given.value !== 'string') return undefined; // the frame has said so
  const type = typeof given?.value === 'string' ? given.value : id;
  const folder = catalog.get(type);
  const at = given
    ? { offset: given.offset, path: ['services', id, 'type'] }
    : { offset: entry.key ?? entry.offset, path: ['services', id] };
  if (!folder) {
    const like = nearest(type, catalog.keys());
    const choice = like ? quote(like) : `one of ${[...catalog.keys()].sort().join(', ')}`;
    const hint = given || like ? choice : `type: with ${choice}`;
    findings.add({ ...at, expected: 'a service of the catalog', got: quote(type), hint });
    return undefined;
  }
  if (type === id) return type;
  if (folder.provides !== undefined) {
    const expected = `the id ${type} for this type, as the other services find it by that name`;
    findings.add({ ...at, expected, got: quote(id), hint: `naming the entry ${type}` });
    return undefined;
  }
  if (catalog.has(id)) {
    const expected = `the type ${id}, as the id is the name of that catalog folder`;
    findings.add({ ...at, expected, got: quote(type), hint: `another id, such as ${type}-2` });
    return undefined;
  }
  return type;
}

/** Groups in the order of the alphabet. */
function accessOf(entry: { access?: string[] | undefined } | undefined): Pick<SiteService, 'access'> {
  return entry?.access === undefined ? {} : { access: entry.access.toSorted() };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
