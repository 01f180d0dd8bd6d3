import type { Finding } from '../../doctor/check.ts';
import type { CheckReport } from '../../doctor/diagnose.ts';

/** What a finding is ignored by: the id the daemon gives it. */
export function idOf({ id }: Pick<CheckReport, 'id'>, finding: Finding & { id?: string }): string {
  return finding.id ?? `${id}: ${finding.text}`;
}

/**
 * What the console itself can do of a remedy: bring the site up again, or restart a service. Remedies name commands
 * as they are typed: `./allod up`, `./allod restart contacts`. Undefined where a person has to act elsewhere.
 */
export function fixOf({
  remedy = '',
}: Pick<Finding, 'remedy'>): { verb: 'up' } | { verb: 'restart'; service: string } | undefined {
  const [, service] = /(?:^|[\s`"(])(?:\.\/)?allod restart ([a-z][a-z0-9-]*)/.exec(remedy) ?? [];
  if (service) return { verb: 'restart', service };
  return /(?:^|[\s`"(])(?:\.\/)?allod up(?:$|[\s`",.;)])(?!--)/.test(remedy) ? { verb: 'up' } : undefined;
}
