import type { BrowserErrorKind } from '../server/browser-api.ts';

/** A line of an answer (newline-delimited JSON); the last one is `answer` or `error`. */
export type BrowserLine =
  | { event: unknown }
  | { answer: unknown }
  | { error: { kind: BrowserErrorKind; message: string } };

/** The lines of an answer as they come. Throws what `lost` makes where it breaks off or is not ours. */
export async function* linesOf(response: Response, lost: () => Error): AsyncGenerator<BrowserLine> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw lost();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read().catch((error: Error) => {
        throw error.name === 'AbortError' ? error : lost();
      });
      const lines = (rest + (value ?? '')).split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      for (const line of lines) if (line.trim()) yield parsed(line, lost);
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => {}); // it may have ended already
  }
}

function parsed(line: string, lost: () => Error): BrowserLine {
  try {
    return JSON.parse(line) as BrowserLine;
  } catch {
    throw lost(); // a page of a proxy, not an answer
  }
}
