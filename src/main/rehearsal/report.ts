import type { RehearsalReport, Stage, Tried } from '../../model/rehearsal.ts';

export interface Findings {
  from: string;
  to: string;
  cut: boolean;
  /** What was foreseen, seconds. */
  bound: number;
  /** In order of time; the last one has no successor and ends with the last request. */
  stages: Stage[];
  tried: Tried[];
  /** Containers by name, and what tells one start from another. */
  startedBefore: Map<string, string>;
  startedAfter: Map<string, string>;
  leftovers: string[];
}

/** What was seen, in numbers. Pure. */
export function reportOf(findings: Findings): RehearsalReport {
  const { from, to, cut, bound, stages, tried, startedBefore, startedAfter, leftovers } = findings;
  const byTarget = [...Map.groupBy(tried, ({ target }) => target)].sort(([a], [b]) => (a < b ? -1 : 1));
  const targets = byTarget.map(([name, all]) => {
    const failed = all.filter(({ error }) => error !== undefined);
    const [first] = failed;
    const outage = outageOf(all);
    return {
      ...{ name, requests: all.length, failed: failed.length, outage },
      ...(first?.error ? { error: first.error } : {}),
    };
  });
  const outage = targets.some((target) => target.outage === null)
    ? null
    : Math.max(0, ...targets.map((target) => target.outage ?? 0));
  const changed = byTarget.flatMap(([name, all]) => changesOf(name, all, stages[1]?.from ?? 0));
  const restarted = [...startedAfter]
    .filter(([name, start]) => startedBefore.get(name) !== start)
    .map(([name]) => name);
  const fine = changed.length + restarted.length + leftovers.length === 0 && tried.length > 0;
  const reached = cut ? outage !== null && outage <= bound : targets.every(({ failed }) => failed === 0);
  return {
    ...{ from, to, cut, stages: stagesOf(stages, tried), targets, outage, bound },
    ...{ changed, restarted, leftovers, ok: fine && reached },
  };
}

function stagesOf(stages: Stage[], tried: Tried[]): RehearsalReport['stages'] {
  const last = Math.max(0, ...tried.map(({ at, ms }) => at + ms));
  return stages.map(({ name, from }, i) => {
    const until = stages[i + 1]?.from ?? Math.max(last, from);
    const all = tried.filter(({ at }) => at >= from && (i === stages.length - 1 || at < until));
    const failed = all.filter(({ error }) => error !== undefined).length;
    return { name, seconds: (until - from) / 1000, requests: all.length, failed };
  });
}

/** Longest time in seconds from a request that failed to the first one after it that did not; null where there is none. */
function outageOf(all: Tried[]): number | null {
  let longest = 0;
  let since: number | undefined;
  for (const { at, ms, error } of all.toSorted((a, b) => a.at - b.at)) {
    if (error !== undefined) since ??= at;
    else if (since !== undefined) {
      longest = Math.max(longest, at + ms - since);
      since = undefined;
    }
  }
  return since === undefined ? longest / 1000 : null;
}

/** A page that differed from request to request before the change says nothing by its content. */
function changesOf(name: string, all: Tried[], begun: number): string[] {
  const changes: string[] = [];
  for (const [what, of] of [
    ['certificate', ({ certificate }: Tried) => certificate],
    ['page', ({ content }: Tried) => content],
  ] as const) {
    const before = new Set(all.filter(({ at }) => at < begun).flatMap((one) => of(one) ?? []));
    const later = all.filter(({ at }) => at >= begun).flatMap((one) => of(one) ?? []);
    if (before.size <= 1 && later.some((one) => !before.has(one))) changes.push(`${name}: another ${what}`);
  }
  return changes;
}
