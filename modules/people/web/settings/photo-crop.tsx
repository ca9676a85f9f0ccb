import { Button, Dialog, useLabels } from '@liaison/ui';
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './settings.module.css';

/** Pixels of the square on the screen, and of what is sent: twice what the server keeps. */
const shown = 280;
const sent = 512;
const largestZoom = 4;

interface Cut {
  /** Middle of the square in the picture, as parts of its sides. */
  readonly x: number;
  readonly y: number;
  /** 1: as large as the picture's shorter side allows. */
  readonly zoom: number;
}

const between = (low: number, value: number, high: number): number => Math.min(high, Math.max(low, value));

/** Choosing the square of a picture that becomes the face: drag, wheel, slider or arrow keys. */
export function PhotoCrop({
  file,
  onDone,
  onCancel,
}: {
  file: File;
  onDone: (square: Blob) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [picture, setPicture] = useState<ImageBitmap | null>(null);
  const [broken, setBroken] = useState(false);
  const [cut, setCut] = useState<Cut>({ x: 0.5, y: 0.5, zoom: 1 });
  useEffect(() => {
    let gone = false;
    let made: ImageBitmap | undefined;
    createImageBitmap(file, { imageOrientation: 'from-image' }).then(
      (bitmap) => {
        made = bitmap;
        if (gone) bitmap.close();
        else setPicture(bitmap);
      },
      () => setBroken(true),
    );
    return () => {
      gone = true;
      made?.close();
    };
  }, [file]);
  useEffect(() => {
    if (picture && canvas.current) draw(canvas.current, picture, cut);
  }, [picture, cut]);

  const change = (next: Partial<Cut>): void =>
    setCut((before) => (picture ? inside(picture, { ...before, ...next }) : before));
  const move = (right: number, down: number): void => {
    if (!picture) return;
    const side = sideOf(picture, cut);
    change({
      x: cut.x - ((right / shown) * side) / picture.width,
      y: cut.y - ((down / shown) * side) / picture.height,
    });
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (event.buttons === 1) move(event.movementX, event.movementY);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-12, 0],
      ArrowRight: [12, 0],
      ArrowUp: [0, -12],
      ArrowDown: [0, 12],
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    move(...step);
  };
  const finish = (): void => {
    if (!picture) return;
    const square = document.createElement('canvas');
    square.width = sent;
    square.height = sent;
    draw(square, picture, cut);
    square.toBlob((blob) => (blob ? onDone(blob) : setBroken(true)), 'image/jpeg', 0.92);
  };
  return (
    <Dialog
      opened
      onClose={onCancel}
      title={t('photo.cut')}
      footer={
        <>
          <Button variant="default" onClick={onCancel}>
            {labels.cancel}
          </Button>
          {/* What this browser cannot draw, the server may still be able to read: it cuts from the middle. */}
          {broken ? (
            <Button onClick={() => onDone(file)}>{t('photo.sendWhole')}</Button>
          ) : (
            <Button onClick={finish} loading={!picture}>
              {t('photo.use')}
            </Button>
          )}
        </>
      }
    >
      {broken ? (
        <p>{t('photo.unreadable')}</p>
      ) : (
        <div className={classes.crop}>
          <canvas
            ref={canvas}
            width={shown * 2}
            height={shown * 2}
            role="img"
            aria-label={t('photo.cutHow')}
            tabIndex={0}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={onPointerMove}
            onWheel={(event) => change({ zoom: cut.zoom * (event.deltaY < 0 ? 1.08 : 1 / 1.08) })}
            onKeyDown={onKeyDown}
          />
          <label>
            {t('photo.zoom')}
            <input
              type="range"
              min={1}
              max={largestZoom}
              step={0.01}
              value={cut.zoom}
              onChange={(event) => change({ zoom: Number(event.currentTarget.value) })}
            />
          </label>
          <small>{t('photo.cutHow')}</small>
        </div>
      )}
    </Dialog>
  );
}

const sideOf = (picture: ImageBitmap, { zoom }: Pick<Cut, 'zoom'>): number =>
  Math.min(picture.width, picture.height) / zoom;

/** Keeps the square within the picture. */
function inside(picture: ImageBitmap, cut: Cut): Cut {
  const zoom = between(1, cut.zoom, largestZoom);
  const half = sideOf(picture, { zoom }) / 2;
  const halfX = half / picture.width;
  const halfY = half / picture.height;
  return { zoom, x: between(halfX, cut.x, 1 - halfX), y: between(halfY, cut.y, 1 - halfY) };
}

function draw(canvas: HTMLCanvasElement, picture: ImageBitmap, cut: Cut): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const side = sideOf(picture, cut);
  context.imageSmoothingQuality = 'high';
  context.drawImage(
    picture,
    cut.x * picture.width - side / 2,
    cut.y * picture.height - side / 2,
    side,
    side,
    0,
    0,
    canvas.width,
    canvas.height,
  );
}
