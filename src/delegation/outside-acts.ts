import type { Act as OutsideAct, OutsideActs } from '../model/uplinks.ts';
import type { Act, DelegationReport, Remark } from './report.ts';

/**
 * What a change of provider waits for: that zones above lead to the new addresses, and that these have their names. DS records
 * stay as they are, and a fault that no person of this site can mend is not waited for.
 */
export function outsideActs({ remarks, longestTtl }: DelegationReport): OutsideActs {
  const waited = remarks.filter(({ topic, state, act }) => topic !== 'ds' && (state !== 'warning' || act));
  const things = Map.groupBy(waited, ({ topic, subject }) => `${topic} ${subject}`);
  return { acts: [...things].map(([id, those]) => actOf(id, those)), remembered: longestTtl };
}

/** Done where every server says so. */
function actOf(id: string, remarks: Remark[]): OutsideAct {
  const open = remarks.find(({ act }) => act);
  const unknown = remarks.find(({ state }) => state === 'unknown');
  const state = open ? 'open' : unknown ? 'unknown' : 'done';
  const telling = open ?? unknown ?? remarks[0];
  const evidence = telling?.evidence.join('\n');
  return {
    ...{ id, state },
    text: open?.act ? sentence(open.act) : (telling?.text ?? ''),
    ...(evidence ? { evidence } : {}),
  };
}

function sentence({ who, what, enter, remove }: Act): string {
  return [
    `at ${who}, ${what}`,
    ...(enter.length > 0 ? [`enter ${enter.join(', ')}`] : []),
    ...(remove.length > 0 ? [`remove ${remove.join(', ')}`] : []),
  ].join('; ');
}
