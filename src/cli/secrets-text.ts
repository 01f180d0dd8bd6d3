import type { AuditEntry } from '../model/audit.ts';
import type { SecretView } from '../model/secret-store.ts';
import { span } from './age.ts';
import { columns } from './columns.ts';

/** A line a secret. */
export function secretsTable(views: SecretView[], now = Date.now()): string {
  if (views.length === 0) return 'No secret yet. Try ./allod up\n';
  const head = ['PATH', 'VERSION', 'AGE', 'TTL', 'NEXT', 'OWNER', 'USED BY'];
  const rows = views.map((view) => [
    view.path,
    String(view.version),
    span(now - view.since),
    ttl(view, now),
    next(view, now),
    view.owner ?? '–',
    view.consumers.join(', ') || '–',
  ]);
  return `${columns([head, ...rows]).join('\n')}\n`;
}

/** All that is known of one. */
export function secretText(view: SecretView, now = Date.now()): string {
  const { rotation } = view;
  const rows = [
    ['path', view.path],
    ['version', `${view.version}, ${span(now - view.since)} old`],
    ['ttl', ttl(view, now)],
    ['data key', view.keyId],
    ['owner', view.owner ?? 'no service asks for it any more'],
    ['used by', view.consumers.join(', ') || '–'],
    ['rotation', rotation.how === 'never' ? `never: ${rotation.why}` : next(view, now)],
  ];
  return `${columns(rows).join('\n')}\n`;
}

function ttl({ expires }: SecretView, now: number): string {
  if (expires === undefined) return '–';
  return expires > now ? span(expires - now) : 'over';
}

function next({ next: at, rotation }: SecretView, now: number): string {
  if (at !== null) return at > now ? `in ${span(at - now)}` : 'due';
  if (rotation.how === 'never') return 'never';
  return rotation.how === 'certificate' ? 'by itself' : 'on request';
}

/** A line an entry. */
export function auditText(entries: AuditEntry[]): string {
  const rows = entries.map(({ seq, at, actor, action, path, version, verb, text }) => [
    ...[String(seq), at, actor, action, path ?? verb ?? ''],
    version === undefined ? (text ?? '') : `version ${version}`,
  ]);
  return rows.length === 0 ? 'No entry yet.\n' : `${columns(rows).join('\n')}\n`;
}
