import type { ServiceState } from '../../model/status.ts';
import { texts } from '../texts.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'idle';

/** A shape of its own for each, so that colour is not all that tells. */
const SHAPES: Record<Tone, string> = {
  good: 'M5 12.5l4.5 4.5L19 7.5',
  warn: 'M12 4L3 20h18zM12 10v4M12 17h.01',
  bad: 'M6 6l12 12M18 6L6 18',
  busy: 'M12 4a8 8 0 1 1-8 8M12 8v4l3 2',
  idle: 'M6 12h12',
};

const TONES: Record<ServiceState, Tone> = {
  healthy: 'good',
  starting: 'busy',
  unhealthy: 'warn',
  failed: 'bad',
  stopped: 'idle',
};

/** A shape and a word. */
export function Mark({ tone, text }: { tone: Tone; text: string }) {
  return (
    <span className={`mark ${tone}`}>
      <Shape tone={tone} />
      {text}
    </span>
  );
}

function Shape({ tone }: { tone: Tone }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[tone]} />
    </svg>
  );
}

/** `words`: as administrators are told, unless others are given. */
export function StateMark({
  state,
  words = texts.states,
}: {
  state: ServiceState;
  words?: Record<ServiceState, string>;
}) {
  return <Mark tone={TONES[state]} text={words[state]} />;
}
