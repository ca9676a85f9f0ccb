export interface NoticeOptions {
  readonly title: string;
  readonly body: string;
  /** Takes the place of what has the same: this page's earlier one, and what was pushed. */
  readonly tag: string;
  /** Where a press leads. */
  readonly path: string;
  readonly icon?: string;
  readonly silent?: boolean;
  readonly requireInteraction?: boolean;
  /** It rings: with the two buttons of a pushed call. */
  readonly call?: { readonly id: string; readonly answer: string; readonly refuse: string };
  /** After a press, where the browser shows it for the page alone; otherwise the worker says it. */
  readonly onPress: () => void;
}

/** A notice outside the page. */
export interface Notice {
  close(): void;
}

/**
 * Shows something outside the page: by the worker, so that what is pushed meanwhile and says the same does not stand beside
 * it, and so that telephones show it too; where there is no worker, by the page itself. Nothing where the person did not
 * allow it.
 */
export function showNotice({ title, path, call, onPress, ...options }: NoticeOptions): Notice {
  // There is none on pages over plain HTTP.
  const worker = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  const registration = worker?.getRegistration().catch(() => undefined);
  let isClosed = false;
  let own: Notification | null = null;
  const show = async (): Promise<void> => {
    const shownBy = await registration;
    if (isClosed) return;
    try {
      if (!shownBy?.active) throw new Error('no worker');
      await shownBy.showNotification(title, {
        ...options,
        ...(call ? ringing(call, path) : { data: { path } }),
      });
      if (isClosed) await closeOf(shownBy, options.tag);
    } catch {
      own = isClosed ? null : showAlone(title, options, onPress);
    }
  };
  void show();
  return {
    close() {
      isClosed = true;
      own?.close();
      void registration?.then((shownBy) => (shownBy ? closeOf(shownBy, options.tag) : undefined));
    },
  };
}

/** A call rings no longer than this, in milliseconds. */
const longestRingMs = 120_000;

const ringing = ({ id, answer, refuse }: NonNullable<NoticeOptions['call']>, path: string) => ({
  actions: [
    { action: 'answer', title: answer },
    { action: 'refuse', title: refuse },
  ],
  data: { path, callId: id, until: Date.now() + longestRingMs },
});

async function closeOf(shownBy: ServiceWorkerRegistration, tag: string): Promise<void> {
  for (const notice of await shownBy.getNotifications({ tag })) notice.close();
}

function showAlone(title: string, options: NotificationOptions, onPress: () => void): Notification | null {
  try {
    const notice = new Notification(title, options);
    notice.onclick = () => {
      window.focus();
      onPress();
      notice.close();
    };
    return notice;
  } catch {
    // Browsers on telephones have the class but let only a worker show notices.
    return null;
  }
}
