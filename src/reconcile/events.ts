/** What a run tells while it works: lines of the progress a person sees, and of `--json`. */
export type RunEvent =
  | { type: 'waiting'; text: string }
  | { type: 'planned'; changes: number }
  | { type: 'started'; key: string; service: string; text: string }
  | { type: 'progress'; key: string; text: string; fraction?: number }
  | { type: 'done'; key: string; ms: number }
  | { type: 'failed'; key: string; service: string; text: string }
  | { type: 'blocked'; key: string; service: string; text: string };

export type Listener = (event: RunEvent) => void;
