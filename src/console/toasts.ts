import { storeOf } from './store.ts';

export interface Toast {
  id: number;
  text: string;
  undo?: () => void;
}

export const toasts = storeOf<Toast[]>([]);

/** Milliseconds a toast stays; one with a way back stays longer, and both wait while the pointer or focus is on it. */
const STAY = { plain: 6_000, undo: 20_000 };
let last = 0;

/** Tells what was done, at the edge of the page. */
export function say(text: string, undo?: () => void): void {
  last += 1;
  const id = last;
  toasts.set([...toasts.get(), { id, text, ...(undo ? { undo } : {}) }]);
  setTimeout(() => dismiss(id), undo ? STAY.undo : STAY.plain);
}

export function dismiss(id: number): void {
  if (document.querySelector(`[data-toast="${id}"]:is(:hover, :focus-within)`)) {
    setTimeout(() => dismiss(id), 2_000);
    return;
  }
  drop(id);
}

export function drop(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}
