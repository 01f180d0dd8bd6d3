export function told(text: string): void {
  performance.mark(text);
}
