import { hash } from 'node:crypto';

/** Hex SHA-256, first 16 characters, of the canonical JSON of a value: key order does not matter. */
export function fingerprint(value: unknown): string {
  return hash('sha256', canonical(value)).slice(0, 16);
}

/** JSON with keys sorted at every level; `undefined` members are left out. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  // Texts are joined as they come; lists of parts took a quarter of the time of a plan.
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${canonical(item ?? null)}`;
    return `[${text}]`;
  }
  for (const name of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonical(member)}`;
  }
  return `{${text}}`;
}
