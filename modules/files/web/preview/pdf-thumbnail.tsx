import { type ReactNode, useEffect, useRef, useState } from 'react';
import { drawPage, openPdf } from './pdf.ts';
import classes from './thumbnail.module.css';

const width = 200;
/** One document at a time: a folder full of them does not hold up the page. */
let line: Promise<unknown> = Promise.resolve();

/** The first page of a document, drawn here. */
export default function PdfThumbnail({
  address,
  onFail,
  waiting,
}: {
  address: string;
  onFail: () => void;
  waiting: ReactNode;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isHere, setHere] = useState(false);
  const failed = useRef(onFail);
  failed.current = onFail;
  useEffect(() => {
    let isGone = false;
    let close = (): void => {};
    const draw = async (): Promise<void> => {
      if (isGone || !canvas.current) return;
      const opened = openPdf(address);
      close = opened.close;
      try {
        const page = await (await opened.document).getPage(1);
        if (isGone || !canvas.current) return;
        await drawPage(page, canvas.current, width).done;
        if (!isGone) setHere(true);
      } catch {
        if (!isGone) failed.current();
      } finally {
        close();
      }
    };
    line = line.then(draw);
    return () => {
      isGone = true;
      close();
    };
  }, [address]);
  return (
    <>
      {isHere ? null : waiting}
      <canvas ref={canvas} className={classes.page} hidden={!isHere} />
    </>
  );
}
