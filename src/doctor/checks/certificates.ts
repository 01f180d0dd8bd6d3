import type { Check, Finding, HeldCertificate } from '../check.ts';

const DAY = 86_400_000;

export const certificates: Check = {
  id: 'certificates',
  title: 'Certificates',
  needs: ['root', 'clock'],
  async run({ certificates }) {
    return judgeCertificates(await certificates(), Date.now());
  },
};

/** `now`: ms since 1970. Each is renewed long before these bounds; within them something has kept it from that. */
export function judgeCertificates(held: HeldCertificate[], now: number): Finding[] {
  if (held.length === 0) return [{ state: 'ok', text: 'none yet: the first ./allod up makes them' }];
  const findings = held.flatMap((one) => judge(one, now));
  if (findings.length > 0) return findings;
  const [first] = held.filter(({ role }) => role === 'leaf').sort((a, b) => a.to - b.to);
  const root = held.find(({ role }) => role === 'root');
  const ends = [
    ...(root ? [`root until ${date(root.to)}`] : []),
    ...(first ? [`first end ${date(first.to)}`] : []),
  ];
  return [{ state: 'ok', text: `${held.length} good: ${ends.join(', ')}` }];
}

function judge({ name, role, from, to }: HeldCertificate, now: number): Finding[] {
  const left = to - now;
  if (now < from)
    return [
      finding(
        'fault',
        `${name} is valid from ${date(from)} only`,
        'set the clock, if it is wrong; ./allod up',
      ),
    ];
  if (left <= 0) return [finding('fault', `${name} ended ${date(to)}`, REMEDIES[role])];
  if (left < WARNING[role](to - from))
    return [finding('warning', `${name} ends ${date(to)}`, REMEDIES[role])];
  return [];
}

/** Milliseconds before the end, given the length of its life. */
const WARNING: Record<HeldCertificate['role'], (life: number) => number> = {
  root: () => 400 * DAY,
  intermediate: () => 300 * DAY,
  leaf: (life) => life / 4,
};

const REMEDIES: Record<HeldCertificate['role'], string> = {
  root: 'plan for a new root: every device that trusts this one has to be given it',
  intermediate: './allod up makes a new one, or says why not',
  leaf: './allod status says why it was not renewed; ./allod up tries again',
};

function finding(state: 'fault' | 'warning', text: string, remedy: string): Finding {
  return { state, text, remedy };
}

function date(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
