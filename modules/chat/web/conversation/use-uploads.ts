import { codeOf, upload, useHoldReload } from '@liaison/core/web';
import { useCallback, useEffect, useRef, useState } from 'react';
import {
  type Attachment,
  maxAttachmentBytes,
  maxAttachments,
  uploadAttachment,
} from '../../contract/index.ts';
import { newKey } from '../state/new-key.ts';

/** A file that will go with the message that is being written. */
export interface Uploading {
  readonly key: string;
  readonly file: File;
  /** 0 to 1. */
  readonly progress: number;
  readonly attachment: Attachment | null;
  /** Code of what went wrong. */
  readonly problem: string | null;
}

export interface Uploads {
  readonly files: readonly Uploading[];
  readonly busy: boolean;
  /** Adds files; answers how many were too many or too large. */
  readonly add: (files: readonly File[]) => { tooMany: number; tooLarge: number };
  readonly remove: (key: string) => void;
  readonly retry: (key: string) => void;
  readonly clear: () => void;
}

/** Sends files as they are added, several at once; each can be given up. */
export function useUploads(conversationId: string): Uploads {
  const [files, setFiles] = useState<readonly Uploading[]>([]);
  const stops = useRef(new Map<string, AbortController>());

  const change = useCallback(
    (key: string, next: Partial<Uploading>) =>
      setFiles((before) => before.map((each) => (each.key === key ? { ...each, ...next } : each))),
    [],
  );
  const begin = useCallback(
    (key: string, file: File) => {
      const stop = new AbortController();
      stops.current.set(key, stop);
      change(key, { problem: null, progress: 0 });
      upload(
        uploadAttachment,
        {
          params: { conversationId },
          query: { name: file.name.slice(-255) || 'file', type: file.type.slice(0, 255) },
        },
        file,
        {
          signal: stop.signal,
          type: 'application/octet-stream',
          onProgress: (sent, total) => change(key, { progress: total === 0 ? 0 : sent / total }),
        },
      )
        .then(
          (attachment) => change(key, { attachment, progress: 1 }),
          (error) => {
            if (!stop.signal.aborted) change(key, { problem: codeOf(error) });
          },
        )
        .finally(() => stops.current.delete(key));
    },
    [conversationId, change],
  );
  // What is left behind with the conversation is of no use to anybody.
  useEffect(() => {
    const held = stops.current;
    return () => {
      for (const stop of held.values()) stop.abort();
    };
  }, []);
  const busy = files.some((each) => each.attachment === null && each.problem === null);
  useHoldReload(files.length > 0);

  return {
    files,
    busy,
    add: useCallback(
      (added) => {
        const fitting = added.filter((file) => file.size <= maxAttachmentBytes);
        const room = Math.max(0, maxAttachments - files.length);
        const taken = fitting.slice(0, room).map((file) => ({
          key: newKey(),
          file,
          progress: 0,
          attachment: null,
          problem: null,
        }));
        setFiles((before) => [...before, ...taken]);
        for (const { key, file } of taken) begin(key, file);
        return { tooLarge: added.length - fitting.length, tooMany: fitting.length - taken.length };
      },
      [begin, files.length],
    ),
    remove: useCallback((key) => {
      stops.current.get(key)?.abort();
      setFiles((before) => before.filter((each) => each.key !== key));
    }, []),
    retry: useCallback(
      (key) => {
        const held = files.find((each) => each.key === key);
        if (held) begin(key, held.file);
      },
      [files, begin],
    ),
    clear: useCallback(() => setFiles([]), []),
  };
}
