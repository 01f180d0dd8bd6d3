import { messageOf } from '../util/errors.ts';
import type { Check, Context, Finding, FindingState } from './check.ts';
import { identify } from './finding-id.ts';

/** Plain data, what `--json` prints. */
export interface Report {
  /** No fault; there may be warnings. */
  healthy: boolean;
  /** In the order of the list of checks. */
  checks: CheckReport[];
}

export interface CheckReport {
  id: string;
  title: string;
  /** The worst of its findings. */
  state: FindingState;
  findings: Finding[];
  milliseconds: number;
}

const WORST_FIRST: FindingState[] = ['fault', 'warning', 'skipped', 'ok'];

/**
 * Runs the checks side by side, each after those it needs. Each fails alone: what one throws, or that it
 * takes longer than `timeout` milliseconds, is a finding of its own.
 */
export async function diagnose(checks: Check[], context: Context, timeout = 10_000): Promise<Report> {
  const running = new Map<string, Promise<CheckReport>>();
  for (const check of checks) {
    const needs = check.needs.map((id) => {
      const need = running.get(id);
      if (!need) throw new Error(`check ${check.id} needs ${id}, which is not listed before it`);
      return need;
    });
    running.set(check.id, runOne(check, needs, context, timeout));
  }
  const reports = await Promise.all(running.values());
  return { healthy: reports.every(({ state }) => state !== 'fault'), checks: reports };
}

async function runOne(
  check: Check,
  needs: Promise<CheckReport>[],
  context: Context,
  timeout: number,
): Promise<CheckReport> {
  const obstacle = (await Promise.all(needs)).find(({ state }) => state === 'fault' || state === 'skipped');
  const started = performance.now();
  const findings = obstacle
    ? [skipped(obstacle)]
    : identify(check.id, await outcome(check, context, timeout));
  const state = WORST_FIRST.find((candidate) => findings.some((finding) => finding.state === candidate));
  const milliseconds = Math.round(performance.now() - started);
  return { id: check.id, title: check.title, state: state ?? 'ok', findings, milliseconds };
}

function skipped({ title, state }: CheckReport): Finding {
  return { state: 'skipped', text: `not looked at, because of a ${state} under "${title}"` };
}

async function outcome(check: Check, context: Context, timeout: number): Promise<Finding[]> {
  const signal = AbortSignal.timeout(timeout);
  const late = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => late.reject(new Error(`no answer within ${timeout / 1000} s`)));
  try {
    return await Promise.race([check.run(context, signal), late.promise]);
  } catch (error) {
    return [{ state: 'warning', text: 'this could not be found out', evidence: messageOf(error) }];
  }
}
