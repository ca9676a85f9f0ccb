import type { Attachment, Message } from '../../contract/index.ts';

/** A file of an unsent message, by its key among the pending files. */
export interface UnsentFile {
  readonly key: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
}

/** A message that the server has not confirmed yet. */
export interface Unsent {
  /** Made when it was written and kept over every try: the server takes the same key once. */
  readonly clientKey: string;
  readonly conversationId: string;
  readonly threadId: string | null;
  readonly body: string;
  readonly attachments: readonly Attachment[];
  /**
   * Its files on this device, in their order; it is sent when they are on the server, after `attachments`. They stay until
   * it is confirmed: the server forgets what no message took, and then they go there again.
   */
  readonly files: readonly UnsentFile[];
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
  /** Resolves when it would survive the page. */
  add(unsent: Unsent): Promise<void>;
  /** The line is back: does not wait for the next try. */
  wake(): void;
  retry(clientKey: string): void;
  remove(clientKey: string): void;
  /** Takes one file off; a message of which nothing is left goes. */
  removeFile(clientKey: string, fileKey: string): void;
  /** The message with this key has been seen in the conversation: it is sent, whatever became of the answer. */
  confirmed(clientKey: string): void;
  /** Another page of the same person changed the storage. */
  reload(): Promise<void>;
}

export interface SendQueueOptions {
  readonly storage: UnsentStorage;
  readonly send: (unsent: Unsent) => Promise<Message>;
  readonly onSent: (message: Message) => void;
  /** Its files on the server, in their order. @throws as `send` does; `file-gone` where their bytes are lost. */
  readonly prepare?: (unsent: Unsent) => Promise<readonly Attachment[]>;
  /** The server has these files no more, though they were there: the next `prepare` must bring them anew. */
  readonly onLapsed?: (files: readonly UnsentFile[]) => Promise<void>;
  /** These files belong to no unsent message any more. */
  readonly onReleased?: (files: readonly UnsentFile[]) => void;
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
 * Sends one after the other, in the order in which they were written, and keeps what could not be sent. A message whose
 * files are still on their way holds up its conversation alone. A lost answer is asked for again with the same key; a
 * refusal is set aside so that it holds up nothing.
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
  /** Rises when a change here begins to be written and when it is: what was read meanwhile may lack it. */
  let writes = 0;
  /** Sent or taken back by this page: what is read before the storage has heard must not bring them back. */
  const dropped = new Set<string>();
  /** Their files are on their way. */
  const preparing = new Set<string>();
  /** Their files are on the server, for one try: what waits longer asks for them again. */
  const ready = new Map<string, Pick<Unsent, 'files' | 'attachments'>>();
  /** Files that had lapsed were brought anew for these, once. */
  const renewed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function become(next: Partial<SendQueueState>): void {
    state = { ...state, ...next };
    for (const listener of [...listeners]) listener();
  }
  const find = (clientKey: string): Unsent | undefined =>
    state.unsent.find((each) => each.clientKey === clientKey);
  const replace = (next: Unsent): void =>
    become({ unsent: state.unsent.map((each) => (each.clientKey === next.clientKey ? next : each)) });
  function drop(clientKey: string): void {
    const held = find(clientKey);
    dropped.add(clientKey);
    ready.delete(clientKey);
    become({ unsent: state.unsent.filter((each) => each.clientKey !== clientKey) });
    if (held && held.files.length > 0) options.onReleased?.(held.files);
  }
  /** Before fields were added to it an older page may have kept it. */
  const stored = async (): Promise<Unsent[]> =>
    (await storage.all()).map((each) => ({ ...each, files: each.files ?? [] }));

  /** Without storage (private windows, full disks) a message lives as long as the page. */
  function keep(work: Promise<void>): Promise<void> {
    writes += 1;
    return work
      .then(
        () => options.onChanged?.(),
        () => {},
      )
      .finally(() => {
        writes += 1;
      });
  }

  async function run(): Promise<void> {
    if (running || stopped) {
      again = true;
      return;
    }
    running = true;
    clearTimeout(timer);
    let lineGone = false;
    try {
      await alone(async () => {
        for (;;) {
          again = false;
          const next = stopped ? undefined : firstReady();
          if (!next) return;
          lineGone = !(await sendOne(next));
          if (lineGone) return;
        }
      });
    } finally {
      running = false;
      // Files may have become ready meanwhile, also while an earlier failure is still on the screen.
      if (again && !stopped && !lineGone) void run();
    }
  }

  /** The first that nothing before it in its conversation holds up; those with files are made ready on the way. */
  function firstReady(): Unsent | undefined {
    const heldUp = new Set<string>();
    for (const each of state.unsent) {
      if (each.state !== 'waiting' || heldUp.has(each.conversationId)) continue;
      const stored = !unstored.has(each.clientKey);
      const isReady = each.files.length === 0 || ready.get(each.clientKey)?.files === each.files;
      if (stored && isReady) return each;
      heldUp.add(each.conversationId);
      if (stored) void makeReady(each);
    }
    return undefined;
  }

  async function makeReady(unsent: Unsent): Promise<void> {
    const { clientKey } = unsent;
    if (preparing.has(clientKey) || !options.prepare) return;
    preparing.add(clientKey);
    let later = false;
    try {
      const attachments = await options.prepare(unsent);
      // Unless it was taken back meanwhile, or a file was taken off: then they are asked for again.
      if (find(clientKey)?.files === unsent.files) ready.set(clientKey, { files: unsent.files, attachments });
    } catch (error) {
      later = options.isPassing(error);
      if (later) tryLater();
      else {
        // Another page may have sent it, and forgotten its files, before this one heard.
        if (options.codeOf(error) === 'file-gone') await reload();
        const held = find(clientKey);
        if (held && held.files === unsent.files) await refuse(held, error);
      }
    } finally {
      preparing.delete(clientKey);
      if (!later && !stopped) void run();
    }
  }

  function tryLater(): void {
    failures += 1;
    become({ stalled: true });
    const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 8));
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void run(), waitMs);
  }
  async function refuse(unsent: Unsent, error: unknown): Promise<void> {
    const refused: Unsent = { ...unsent, state: 'refused', problem: options.codeOf(error) };
    replace(refused);
    await keep(storage.put(refused));
  }
  async function reload(): Promise<void> {
    let kept: Unsent[] | null;
    let read: number;
    do {
      read = writes;
      kept = await stored().catch(() => null);
    } while (read !== writes);
    if (!kept || stopped) return;
    const ours = state.unsent.filter(
      (each) => each.clientKey === state.sending || unstored.has(each.clientKey),
    );
    const keys = new Set(ours.map((each) => each.clientKey));
    // The same files stay the same list: what is made ready knows by it that nothing changed.
    const others = kept
      .filter((each) => !keys.has(each.clientKey) && !dropped.has(each.clientKey))
      .map((each) => {
        const held = find(each.clientKey);
        const same = held?.files.length === each.files.length;
        return held && same ? { ...each, files: held.files } : each;
      });
    become({ unsent: [...ours, ...others].sort(inOrder) });
    void run();
  }

  /** False when the line is gone and nothing more is to be tried now. */
  async function sendOne(next: Unsent): Promise<boolean> {
    const { clientKey } = next;
    const uploaded = ready.get(clientKey)?.attachments ?? [];
    ready.delete(clientKey);
    become({ sending: clientKey });
    try {
      const message = await options.send({ ...next, attachments: [...next.attachments, ...uploaded] });
      failures = 0;
      become({ sending: null, stalled: false });
      drop(clientKey);
      options.onSent(message);
      await keep(storage.remove(clientKey));
      return true;
    } catch (error) {
      become({ sending: null });
      if (options.isPassing(error)) {
        tryLater();
        return false;
      }
      // It may have been confirmed or taken back while the answer was on its way.
      if (!find(clientKey)) return true;
      const lapsed = options.codeOf(error) === 'file-lapsed' && next.files.length > 0;
      if (lapsed && options.onLapsed && !renewed.has(clientKey)) {
        renewed.add(clientKey);
        await options.onLapsed(next.files);
      } else await refuse(next, error);
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
      const kept = await stored().catch(() => []);
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
    async add(unsent) {
      become({ unsent: [...state.unsent, unsent].sort(inOrder) });
      unstored.add(unsent.clientKey);
      // Kept before it is sent: what is on its way when the page dies must be known afterwards.
      await keep(storage.put(unsent));
      unstored.delete(unsent.clientKey);
      void run();
    },
    wake() {
      failures = 0;
      void run();
    },
    retry(clientKey) {
      const held = find(clientKey);
      if (!held) return;
      renewed.delete(clientKey);
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
    removeFile(clientKey, fileKey) {
      const held = find(clientKey);
      // On its way with all of them.
      if (state.sending === clientKey) return;
      const gone = held?.files.filter((file) => file.key === fileKey) ?? [];
      if (!held || gone.length === 0) return;
      const next: Unsent = { ...held, files: held.files.filter((file) => file.key !== fileKey) };
      if (next.body === '' && next.files.length === 0 && next.attachments.length === 0) {
        drop(clientKey);
        void keep(storage.remove(clientKey));
        return;
      }
      replace(next);
      options.onReleased?.(gone);
      void keep(storage.put(next)).then(() => run());
    },
    reload,
  };
}
