import type { Resource } from '../model/resource.ts';
import { refsIn, type SecretSpec } from '../model/secret.ts';
import type { Rotation, SecretView, StoredEntry } from '../model/secret-store.ts';
import type { LoginTimes } from '../model/site.ts';

/** What is stored, with whose it is, who refers to it, and how and when it gets another value. */
export function describeSecrets(
  entries: StoredEntry[],
  resources: Resource[],
  { period }: LoginTimes,
): SecretView[] {
  const secrets = new Map(
    resources.flatMap(({ kind, name, service, spec }) =>
      kind === 'secret' ? [[name, { service, spec: spec as SecretSpec }] as const] : [],
    ),
  );
  const certificates = new Map(
    resources.flatMap(({ kind, name, service }) =>
      kind === 'certificate' ? [[name, service] as const] : [],
    ),
  );
  const consumers = consumersOf(resources);

  function describe(path: string): { owner: string | null; rotation: Rotation } {
    const [first, name = ''] = path.split('/');
    const secret = secrets.get(path);
    if (secret) {
      const { bits, form, rotation } = secret.spec;
      const { never, every } = { never: undefined, every: undefined, ...rotation };
      const value = {
        ...({ how: 'value', bits } as const),
        ...(form === undefined ? {} : { form }),
        ...(every === undefined ? {} : { every }),
      };
      return { owner: secret.service, rotation: never === undefined ? value : { how: 'never', why: never } };
    }
    if (first === 'ca') return { owner: 'site', rotation: { how: 'never', why: TRUSTED } };
    if (first === 'certificates' && certificates.has(name))
      return { owner: certificates.get(name) ?? null, rotation: { how: 'certificate', name } };
    if (first === 'logins') return { owner: name, rotation: { how: 'login', service: name } };
    return { owner: null, rotation: { how: 'never', why: 'no service asks for it any more' } };
  }

  return entries.map((entry) => {
    const described = describe(entry.path);
    return {
      ...{ ...entry, ...described, consumers: consumers.get(entry.path) ?? [] },
      next: nextOf(entry, described.rotation, period),
    };
  });
}

const TRUSTED = 'people have told their devices to trust it';

function nextOf({ since, expires }: StoredEntry, rotation: Rotation, period: number): number | null {
  const { how } = rotation;
  if (how === 'login') return since + period * 1000;
  if (how === 'value') return rotation.every === undefined ? null : since + rotation.every * 1000;
  // Certificates are renewed when a third of their life is left.
  return how === 'certificate' && expires !== undefined ? since + ((expires - since) * 2) / 3 : null;
}

function consumersOf(resources: Resource[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { kind, name, spec } of resources)
    for (const path of refsIn(spec)) {
      const names = found.get(path) ?? [];
      found.set(path, [...names, `${kind} ${name}`].sort());
    }
  return found;
}
