import type { Attachment, Message } from '../../contract/index.ts';

/** A message that the server has not confirmed yet. */
export interface Unsent {
  /** Made when it was written and kept over every try: the server takes the same key once. */
  readonly clientKey: string;
  readonly conversationId: string;
  readonly threadId: string | null;
  readonly body: string;
  readonly attachments: readonly Attachment[];
  readonly writtenAt: string;
  /** Order among messages of one page that were written in the same millisecond. */
  readonly place: number;
  /** `refused`: the server said no; it waits for its author. */
  readonly state: 'waiting' | 'refused';
  /** Code of the problem when refused. */
  readonly problem: string | null;
}

/** Where unsent messages survive a reload. */
export interface UnsentStorage {
  all(): Promise<readonly Unsent[]>;
  put(unsent: Unsent): Promise<void>;
  remove(clientKey: string): Promise<void>;
}

export interface SendQueueState {
  readonly unsent: readonly Unsent[];
  /** The one that is on its way now. */
  readonly sending: string | null;
  /** The last try did not reach the server: the others wait. */
  readonly stalled: boolean;
}

export interface SendQueue {
  readonly state: SendQueueState;
  subscribe(listener: () => void): () => void;
  /** Reads what an earlier page left, and sends it. */
  start(): Promise<void>;
  stop(): void;
  add(unsent: Unsent): void;
  /** The line is back: does not wait for the next try. */
  wake(): void;
  retry(clientKey: string): void;
  remove(clientKey: string): void;
  /** The message with this key has been seen in the conversation: it is sent, whatever became of the answer. */
  confirmed(clientKey: string): void;
  /** Another page of the same person changed the storage. */
  reload(): Promise<void>;
}

export interface SendQueueOptions {
  readonly storage: UnsentStorage;
  readonly send: (unsent: Unsent) => Promise<Message>;
  readonly onSent: (message: Message) => void;
  /** True when the same try may succeed later by itself; false: the server refused. */
  readonly isPassing: (error: unknown) => boolean;
  readonly codeOf: (error: unknown) => string;
  /** Runs alone among all pages of this person on this device. */
  readonly alone?: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Tells other pages that the storage changed. */
  readonly onChanged?: () => void;
  readonly firstRetryMs?: number;
  readonly longestRetryMs?: number;
}

const inOrder = (a: Unsent, b: Unsent): number =>
  a.writtenAt < b.writtenAt ? -1 : a.writtenAt > b.writtenAt ? 1 : a.place - b.place;

/**
 * Sends one after the other, in the order in which they were written, and keeps what could not be sent. A lost answer is
 * asked for again with the same key; a refusal is set aside so that it holds up nothing.
 */
export function createSendQueue(options: SendQueueOptions): SendQueue {
  const { storage, firstRetryMs = 1_000, longestRetryMs = 20_000 } = options;
  const alone = options.alone ?? ((work) => work());
  let state: SendQueueState = { unsent: [], sending: null, stalled: false };
  const listeners = new Set<() => void>();
  let running = false;
  let again = false;
  let stopped = false;
  let failures = 0;
  /** Not in the storage yet: another page's change must not take them from us. */
  const unstored = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function become(next: Partial<SendQueueState>): void {
    state = { ...state, ...next };
    for (const listener of [...listeners]) listener();
  }
  const find = (clientKey: string): Unsent | undefined =>
    state.unsent.find((each) => each.clientKey === clientKey);
  const replace = (next: Unsent): void =>
    become({ unsent: state.unsent.map((each) => (each.clientKey === next.clientKey ? next : each)) });
  const drop = (clientKey: string): void =>
    become({ unsent: state.unsent.filter((each) => each.clientKey !== clientKey) });

  /** Without storage (private windows, full disks) a message lives as long as the page. */
  const keep = (work: Promise<void>): Promise<void> =>
    work.then(
      () => options.onChanged?.(),
      () => {},
    );

  async function run(): Promise<void> {
    if (running || stopped) {
      again = true;
      return;
    }
    running = true;
    clearTimeout(timer);
    try {
      await alone(async () => {
        for (;;) {
          again = false;
          const next = state.unsent.find((each) => each.state === 'waiting');
          if (!next || stopped || unstored.has(next.clientKey)) return;
          if (!(await sendOne(next))) return;
        }
      });
    } finally {
      running = false;
      if (again && !stopped && !state.stalled) void run();
    }
  }

  /** False when the line is gone and nothing more is to be tried now. */
  async function sendOne(next: Unsent): Promise<boolean> {
    become({ sending: next.clientKey });
    try {
      const message = await options.send(next);
      failures = 0;
      become({ sending: null, stalled: false });
      drop(next.clientKey);
      options.onSent(message);
      await keep(storage.remove(next.clientKey));
      return true;
    } catch (error) {
      become({ sending: null });
      if (options.isPassing(error)) {
        failures += 1;
        become({ stalled: true });
        const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 8));
        clearTimeout(timer);
        if (!stopped) timer = setTimeout(() => void run(), waitMs);
        return false;
      }
      // It may have been confirmed or taken back while the answer was on its way.
      if (!find(next.clientKey)) return true;
      const refused: Unsent = { ...next, state: 'refused', problem: options.codeOf(error) };
      replace(refused);
      await keep(storage.put(refused));
      return true;
    }
  }

  return {
    get state() {
      return state;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async start() {
      stopped = false;
      const kept = await storage.all().catch(() => []);
      if (stopped) return;
      const known = new Set(state.unsent.map((each) => each.clientKey));
      become({
        unsent: [...state.unsent, ...kept.filter((each) => !known.has(each.clientKey))].sort(inOrder),
      });
      void run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
    add(unsent) {
      become({ unsent: [...state.unsent, unsent].sort(inOrder) });
      unstored.add(unsent.clientKey);
      // Kept before it is sent: what is on its way when the page dies must be known afterwards.
      void keep(storage.put(unsent)).then(() => {
        unstored.delete(unsent.clientKey);
        return run();
      });
    },
    wake() {
      failures = 0;
      void run();
    },
    retry(clientKey) {
      const held = find(clientKey);
      if (!held) return;
      const next: Unsent = { ...held, state: 'waiting', problem: null };
      replace(next);
      void keep(storage.put(next)).then(() => run());
    },
    remove(clientKey) {
      drop(clientKey);
      void keep(storage.remove(clientKey));
    },
    confirmed(clientKey) {
      if (!find(clientKey)) return;
      drop(clientKey);
      void keep(storage.remove(clientKey));
    },
    async reload() {
      const kept = await storage.all().catch(() => null);
      if (!kept || stopped) return;
      const ours = state.unsent.filter(
        (each) => each.clientKey === state.sending || unstored.has(each.clientKey),
      );
      const keys = new Set(ours.map((each) => each.clientKey));
      const others = kept.filter((each) => !keys.has(each.clientKey));
      become({ unsent: [...ours, ...others].sort(inOrder) });
      void run();
    },
  };
}
