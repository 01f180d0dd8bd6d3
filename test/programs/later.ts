import { told } from './shared.ts';

export function later(): void {
  told('later');
}
