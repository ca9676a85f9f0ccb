import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc/<pid>/stat; 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const ticksPerSecond = 100;

/** A process, all its descendants included. */
export interface ProcessTree {
  readonly pids: readonly number[];
  /** Processor time used so far, of descendants that have ended as well. */
  readonly cpuSeconds: number;
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

/** proc(5): the name in parentheses may hold anything, so fields are counted from the last one. */
function readStat(pid: number): Stat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // utime, stime, and those of children that were waited for: the sum over a tree loses nobody who ended.
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
  return { pid, parent: Number(fields[1]), ticks };
}

export function processTree(root: number): ProcessTree {
  const byParent = new Map<number, Stat[]>();
  const all = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(Number(name));
    if (!stat) continue;
    all.set(stat.pid, stat);
    byParent.set(stat.parent, [...(byParent.get(stat.parent) ?? []), stat]);
  }
  const tree: Stat[] = [];
  const waiting = [all.get(root)].filter((stat) => stat !== undefined);
  for (let stat = waiting.pop(); stat !== undefined; stat = waiting.pop()) {
    tree.push(stat);
    waiting.push(...(byParent.get(stat.pid) ?? []));
  }
  return {
    pids: tree.map((stat) => stat.pid),
    cpuSeconds: tree.reduce((sum, stat) => sum + stat.ticks, 0) / ticksPerSecond,
  };
}

export interface ProcessMemory {
  readonly pid: number;
  readonly name: string;
  /** Proportional set size: shared pages are divided among those who share them. */
  readonly pssBytes: number;
}

export function memoryOf(root: number): ProcessMemory[] {
  return processTree(root).pids.flatMap((pid) => {
    try {
      const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1];
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
      return [{ pid, name: command.slice(0, 400), pssBytes: Number(kilobytes ?? 0) * 1024 }];
    } catch {
      return [];
    }
  });
}
