import { stripVTControlCharacters } from 'node:util';
import type { RunEvent } from '../reconcile/events.ts';

/** Shows a run to a person: bars that redraw themselves on a terminal, plain lines elsewhere. */
export interface ProgressView {
  show(event: RunEvent): void;
  /** Leaves the terminal clean. */
  end(): void;
}

interface Step {
  text: string;
  note: string;
  fraction?: number;
  since: number;
}

/** Quick, many and dull: shown while they run, not told one by one. */
const DULL = /^(secret|certificate|volume|files|record|zone|account)\//;

export function progressView(out: NodeJS.WriteStream): ProgressView {
  return out.isTTY ? terminalView(out) : lineView(out);
}

function lineView(out: NodeJS.WritableStream): ProgressView {
  let quick = 0;
  return {
    show(event) {
      const line = lineOf(event);
      if (event.type === 'done' && DULL.test(event.key)) quick++;
      if (line && !(event.type === 'started' && DULL.test(event.key))) out.write(`${line}\n`);
    },
    end() {
      if (quick > 0) out.write(`done     ${quick} secrets, certificates, files and records\n`);
      quick = 0;
    },
  };
}

/** `all`: also what is quick, many and dull. */
export function lineOf(event: RunEvent, all = false): string | undefined {
  switch (event.type) {
    case 'waiting':
      return `waiting  ${event.text}`;
    case 'planned':
      return event.changes > 0 ? `plan     ${count(event.changes, 'change')}` : undefined;
    case 'started':
      return `start    ${event.text}`;
    case 'done':
      return DULL.test(event.key) && !all ? undefined : `done     ${event.key} (${seconds(event.ms)})`;
    case 'failed':
      return `failed   ${event.key}: ${event.text}`;
    case 'blocked':
      return `blocked  ${event.key}: ${event.text}`;
    case 'progress':
      return undefined;
  }
}

function terminalView(out: NodeJS.WriteStream): ProgressView {
  const steps = new Map<string, Step>();
  let drawn = 0;
  const timer = setInterval(draw, 100);
  timer.unref();

  function erase(): void {
    if (drawn > 0) out.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  }
  function draw(): void {
    erase();
    const room = Math.max(4, (out.rows || 24) - 4); // a terminal may not know its size, and says 0
    const shown = [...steps.values()].sort((a, b) => a.since - b.since).slice(0, room);
    for (const step of shown) out.write(`${drawStep(step, out.columns || 80)}\n`);
    drawn = shown.length;
  }
  function print(line: string): void {
    erase();
    out.write(`${line}\n`);
    draw();
  }

  return {
    show(event) {
      switch (event.type) {
        case 'started':
          steps.set(event.key, { text: event.text, note: '', since: Date.now() });
          break;
        case 'progress': {
          const step = steps.get(event.key);
          if (!step) break;
          step.note = plain(event.text);
          if (event.fraction !== undefined) step.fraction = event.fraction;
          break;
        }
        case 'done':
          steps.delete(event.key);
          if (!DULL.test(event.key))
            print(`\x1b[32m✓\x1b[0m ${event.key} \x1b[2m${seconds(event.ms)}\x1b[0m`);
          break;
        case 'failed':
          steps.delete(event.key);
          print(`\x1b[31m✗\x1b[0m ${event.key}: ${event.text}`);
          break;
        case 'blocked':
          print(`\x1b[33m–\x1b[0m ${event.key} ${event.text}`);
          break;
        case 'waiting':
          print(event.text);
          break;
        case 'planned':
          if (event.changes > 0) print(count(event.changes, 'change'));
      }
    },
    end() {
      clearInterval(timer);
      erase();
    },
  };
}

function drawStep(step: Step, columns: number): string {
  const width = 20;
  const filled = Math.round((step.fraction ?? 0) * width);
  const bar = step.fraction === undefined ? '' : `${'█'.repeat(filled)}${'░'.repeat(width - filled)} `;
  const line = `  ${step.text.padEnd(28)} ${bar}${step.note} ${seconds(Date.now() - step.since)}`;
  return line.slice(0, columns - 1);
}

/** One line of text: what a command printed may move the cursor or colour what follows. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}+/gu, ' ');
}

export function seconds(ms: number): string {
  return ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
