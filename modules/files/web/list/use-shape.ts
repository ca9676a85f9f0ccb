import { useSyncExternalStore } from 'react';

/** How folders are drawn: as rows, or as pictures. */
export type Shape = 'list' | 'grid';

const key = 'liaison.files.shape';
const listeners = new Set<() => void>();
let shape: Shape | null = null;

function read(): Shape {
  try {
    shape ??= localStorage.getItem(key) === 'grid' ? 'grid' : 'list';
  } catch {
    // A browser that keeps nothing begins with rows.
    shape ??= 'list';
  }
  return shape;
}

function set(next: Shape): void {
  shape = next;
  try {
    localStorage.setItem(key, next);
  } catch {
    // It holds until the page is reloaded.
  }
  for (const listener of [...listeners]) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** The same for every folder, and after a reload. */
export const useShape = (): readonly [Shape, (next: Shape) => void] => [
  useSyncExternalStore(subscribe, read),
  set,
];
