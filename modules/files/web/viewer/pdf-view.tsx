import { Progress } from '@liaison/ui';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { drawPage, openPdf, type PDFDocumentProxy } from '../preview/pdf.ts';
import classes from './viewer.module.css';

const gap = 12;
/** Wider is hard to read. */
const widestPage = 900;

/** A document page by page; only those on screen are read and drawn. */
export default function PdfView({
  address,
  name,
  zoom,
  onFail,
}: {
  address: string;
  name: string;
  zoom: number;
  onFail: () => void;
}) {
  const { t } = useTranslation('files');
  const [opened, setOpened] = useState<{ pdf: PDFDocumentProxy; ratio: number } | null>(null);
  const failed = useRef(onFail);
  failed.current = onFail;
  useEffect(() => {
    let isGone = false;
    const { document, close } = openPdf(address);
    document
      .then(async (pdf) => {
        const { width, height } = (await pdf.getPage(1)).getViewport({ scale: 1 });
        if (!isGone) setOpened({ pdf, ratio: height / width });
      })
      .catch(() => {
        if (!isGone) failed.current();
      });
    return () => {
      isGone = true;
      close();
    };
  }, [address]);
  if (!opened) return <Progress bare label={t('loading')} />;
  return <Pages {...opened} name={name} zoom={zoom} />;
}

function Pages({
  pdf,
  ratio,
  name,
  zoom,
}: {
  pdf: PDFDocumentProxy;
  ratio: number;
  name: string;
  zoom: number;
}) {
  const scroller = useRef<HTMLElement>(null);
  const [room, setRoom] = useState(0);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const seen = new ResizeObserver(() => setRoom(element.clientWidth));
    seen.observe(element);
    return () => seen.disconnect();
  }, []);
  const width = Math.max(100, Math.min(widestPage, room - 24)) * zoom;
  const virtual = useVirtualizer({
    count: pdf.numPages,
    getScrollElement: () => scroller.current,
    estimateSize: () => Math.round(width * ratio) + gap,
    overscan: 1,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: pages of another width have another height
  useEffect(() => virtual.measure(), [width]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section ref={scroller} className={classes.scroll} tabIndex={0} aria-label={name}>
      <div
        className={classes.pages}
        style={{ height: virtual.getTotalSize(), width: Math.max(room, width + 24) }}
      >
        {room === 0
          ? null
          : virtual
              .getVirtualItems()
              .map((item) => (
                <Page
                  key={item.key}
                  pdf={pdf}
                  number={item.index + 1}
                  top={item.start}
                  width={width}
                  height={item.size - gap}
                />
              ))}
      </div>
    </section>
  );
}

function Page({
  pdf,
  number,
  top,
  width,
  height,
}: {
  pdf: PDFDocumentProxy;
  number: number;
  top: number;
  width: number;
  height: number;
}) {
  const { t } = useTranslation('files');
  const canvas = useRef<HTMLCanvasElement>(null);
  const [words, setWords] = useState('');
  useEffect(() => {
    let stop = (): void => {};
    let isGone = false;
    const draw = async (): Promise<void> => {
      const page = await pdf.getPage(number);
      if (isGone || !canvas.current) return;
      const drawing = drawPage(page, canvas.current, width);
      stop = drawing.stop;
      await drawing.done;
      const { items } = await page.getTextContent();
      const text = items.map((item) => ('str' in item ? item.str : '')).join(' ');
      if (!isGone) setWords(text.slice(0, 20_000));
    };
    // A page that cannot be drawn stays white; the others can be read.
    draw().catch(() => {});
    return () => {
      isGone = true;
      stop();
    };
  }, [pdf, number, width]);
  return (
    <div className={classes.sheet} style={{ top, width, height }}>
      <canvas ref={canvas} role="img" aria-label={t('view.page', { number, all: pdf.numPages })} />
      <div className={classes.hidden}>{words}</div>
    </div>
  );
}
