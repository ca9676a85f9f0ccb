import { LiveText } from '@liaison/core/web';
import { Progress } from '@liaison/ui';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type DecodedText, decodeText, shownTextBytes } from '../../contract/index.ts';
import type { Viewed } from './viewed.ts';
import classes from './viewer.module.css';

/** The beginning of a text, as text: whatever stands in it, it is words on the page and no page. */
export default function TextView({
  address,
  file,
  onFail,
}: {
  address: string;
  file: Viewed;
  onFail: () => void;
}) {
  const { t } = useTranslation('files');
  const [shown, setShown] = useState<DecodedText | null>(null);
  const isWhole = file.bytes <= shownTextBytes;
  const failed = useRef(onFail);
  failed.current = onFail;
  useEffect(() => {
    const gone = new AbortController();
    const read = async (): Promise<void> => {
      const answer = await fetch(address, {
        signal: gone.signal,
        headers: { range: `bytes=0-${shownTextBytes - 1}` },
      });
      const bytes = answer.ok ? await beginningOf(answer, shownTextBytes) : null;
      const text = bytes && decodeText(bytes, isWhole);
      if (text) setShown(text);
      else failed.current();
    };
    read().catch(() => {
      if (!gone.signal.aborted) failed.current();
    });
    return () => gone.abort();
  }, [address, isWhole]);
  if (!shown) return <Progress bare label={t('loading')} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label={file.name}>
      <div className={classes.text}>
        <pre>
          <LiveText text={shown.text} />
        </pre>
        <p>
          {[isWhole ? '' : t('view.beginning'), shown.encoding === 'utf-8' ? '' : shown.encoding]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
    </section>
  );
}

/** What answers may not know of parts, and send all of it: the rest is not waited for. */
async function beginningOf(answer: Response, maxBytes: number): Promise<Uint8Array> {
  const taken = new Uint8Array(maxBytes);
  const reader = answer.body?.getReader();
  let length = 0;
  while (reader && length < maxBytes) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value.subarray(0, maxBytes - length);
    taken.set(part, length);
    length += part.length;
  }
  await reader?.cancel();
  return taken.subarray(0, length);
}
