import { useFormat } from '@liaison/core/web';
import { Button, IconButton } from '@liaison/ui';
import {
  IconChevronLeft,
  IconChevronRight,
  IconDownload,
  IconInfoCircle,
  IconUserShare,
  IconX,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react';
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { previewKindOf } from '../../contract/index.ts';
import { FileIcon } from '../list/file-icon.tsx';
import { useRetried } from '../preview/use-retried.ts';
import { addressesOf, type Viewed } from './viewed.ts';
import classes from './viewer.module.css';

const PdfView = lazy(() => import('./pdf-view.tsx'));
const TextView = lazy(() => import('./text-view.tsx'));

/** What 1 is: as large as fits. */
const zooms = [1, 1.5, 2, 3, 4, 6] as const;

export interface ViewerProps {
  readonly file: Viewed;
  /** Where it stands among those of its folder that can be gone through. */
  readonly place?: { readonly at: number; readonly count: number; readonly isWhole: boolean } | undefined;
  readonly onPrevious?: (() => void) | undefined;
  readonly onNext?: (() => void) | undefined;
  readonly onDownload: () => void;
  /** Opens what is known of it, and its versions. */
  readonly onFacts?: (() => void) | undefined;
  /** Says who may see it, and lets those choose who may. */
  readonly onShare?: (() => void) | undefined;
  readonly onClose: () => void;
}

/** A file, as large as the page. Left and right go through the folder, plus and minus zoom, Escape leads back. */
export function Viewer(props: ViewerProps) {
  const { file, place, onPrevious, onNext, onDownload, onFacts, onShare, onClose } = props;
  const { t } = useTranslation('files');
  const format = useFormat();
  const [zoomAt, setZoomAt] = useState(0);
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    frame.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file begins as it fits
  useEffect(() => setZoomAt(0), [file.id]);
  const kind = previewKindOf(file);
  const zooming = kind === 'picture' || kind === 'pdf';
  const zoomBy = (step: number): void =>
    setZoomAt((before) => Math.max(0, Math.min(zooms.length - 1, before + step)));
  const keys: Record<string, (() => void) | undefined> = {
    Escape: onClose,
    ArrowLeft: onPrevious,
    ArrowRight: onNext,
    ...(zooming
      ? { '+': () => zoomBy(1), '=': () => zoomBy(1), '-': () => zoomBy(-1), '0': () => setZoomAt(0) }
      : {}),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A player has its own arrows.
    if ((event.target as Element).closest('audio, video') && event.key !== 'Escape') return;
    const run = keys[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  };
  const meta = [
    format.bytes(file.bytes),
    place ? t(place.isWhole ? 'view.place' : 'view.placeOpen', { at: place.at, all: place.count }) : '',
  ]
    .filter(Boolean)
    .join(' · ');
  return (
    <section
      ref={frame}
      className={classes.viewer}
      aria-label={file.name}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <header className={classes.head}>
        <IconButton aria-label={t('view.close')} onClick={onClose}>
          <IconX size={19} />
        </IconButton>
        <div className={classes.title}>
          <h1>{file.name}</h1>
          <p>{meta}</p>
        </div>
        {zooming ? (
          <span className={classes.zoom}>
            <IconButton aria-label={t('view.smaller')} onClick={() => zoomBy(-1)}>
              <IconZoomOut size={19} />
            </IconButton>
            <IconButton aria-label={t('view.larger')} onClick={() => zoomBy(1)}>
              <IconZoomIn size={19} />
            </IconButton>
          </span>
        ) : null}
        {onShare ? (
          <IconButton aria-label={t('verb.share')} onClick={onShare}>
            <IconUserShare size={19} />
          </IconButton>
        ) : null}
        {onFacts ? (
          <IconButton aria-label={t('view.facts')} onClick={onFacts}>
            <IconInfoCircle size={19} />
          </IconButton>
        ) : null}
        <IconButton aria-label={t('downloadName', { name: file.name })} onClick={onDownload}>
          <IconDownload size={19} />
        </IconButton>
      </header>
      <div className={classes.stage}>
        <Content
          key={`${file.id} ${file.version}`}
          file={file}
          zoom={zooms[zoomAt] ?? 1}
          onDownload={onDownload}
        />
        {onPrevious ? (
          <Step side="start" label={t('view.previous')} onClick={onPrevious}>
            <IconChevronLeft size={24} />
          </Step>
        ) : null}
        {onNext ? (
          <Step side="end" label={t('view.next')} onClick={onNext}>
            <IconChevronRight size={24} />
          </Step>
        ) : null}
      </div>
    </section>
  );
}

function Step({
  side,
  label,
  onClick,
  children,
}: {
  side: 'start' | 'end';
  label: string;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className={classes.step}
      data-side={side}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

function Content({ file, zoom, onDownload }: { file: Viewed; zoom: number; onDownload: () => void }) {
  const [failed, setFailed] = useState(false);
  const { content, media, drawn } = addressesOf(file);
  const able = previewKindOf(file);
  const kind = failed || (able === 'picture' && drawn === null) ? null : able;
  const fail = (): void => setFailed(true);
  switch (kind) {
    case 'picture':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className={classes.scroll} tabIndex={0} aria-label={file.name}>
          <div className={classes.zoomed} style={{ width: `${zoom * 100}%`, height: `${zoom * 100}%` }}>
            <Picture address={drawn ?? ''} name={file.name} onFail={fail} />
          </div>
        </section>
      );
    case 'pdf':
      return (
        <Suspense fallback={null}>
          <PdfView address={content} name={file.name} zoom={zoom} onFail={fail} />
        </Suspense>
      );
    case 'text':
      return (
        <Suspense fallback={null}>
          <TextView address={content} file={file} onFail={fail} />
        </Suspense>
      );
    case 'sound':
      return (
        <div className={classes.card}>
          <FileIcon node={{ kind: 'file', mediaType: 'audio/mpeg' }} />
          {/* biome-ignore lint/a11y/useMediaCaption: what somebody uploaded has no captions of its own */}
          <audio src={media} controls preload="metadata" aria-label={file.name} onError={fail} />
        </div>
      );
    case 'video':
      return (
        // biome-ignore lint/a11y/useMediaCaption: what somebody uploaded has no captions of its own
        <video
          className={classes.video}
          src={media}
          poster={drawn ?? undefined}
          controls
          playsInline
          preload="metadata"
          aria-label={file.name}
          onError={fail}
        />
      );
    default:
      return <Card file={file} onDownload={onDownload} />;
  }
}

function Picture({ address, name, onFail }: { address: string; name: string; onFail: () => void }) {
  const { attempt, onError } = useRetried(address, onFail);
  return <img key={attempt} src={address} alt={name} onError={onError} />;
}

/** A file that cannot be looked at here. */
function Card({ file, onDownload }: { file: Viewed; onDownload: () => void }) {
  const { t } = useTranslation('files');
  const format = useFormat();
  return (
    <div className={classes.card}>
      <FileIcon node={{ kind: 'file', mediaType: file.mediaType }} />
      <b>{file.name}</b>
      <p>{[format.bytes(file.bytes), file.mediaType].filter(Boolean).join(' · ')}</p>
      <p>{t('view.none')}</p>
      <Button onClick={onDownload}>{t('verb.download')}</Button>
    </div>
  );
}
