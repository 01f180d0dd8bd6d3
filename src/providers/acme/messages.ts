/** What is ordered. PEM texts; `roots` where the CA is none that everybody knows. */
export interface WorkerOrder {
  directory: string;
  contact?: string;
  roots?: string;
  accountKey: string;
  names: string[];
  request: string;
}

/** From the worker: an answer the zone has to give before it goes on, or how the order ended. */
export type FromWorker =
  | { type: 'answer'; host: string; value: string }
  | { type: 'chain'; chain: string }
  | { type: 'failed'; text: string; retryAfter?: number };

/** To the worker: the order, then one line for each answer it asked for. */
export type ToWorker = { type: 'order'; order: WorkerOrder } | { type: 'answered'; error?: string };
