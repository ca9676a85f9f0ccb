import { beforeEach, expect, test, vi } from 'vitest';
import { CameraRefused } from './camera.ts';
import { createCameraSwitch } from './camera-switch.ts';

type Options = Parameters<typeof createCameraSwitch>[0];

const picture = { getTracks: () => [{ stop: vi.fn() }] } as unknown as MediaStream;
let active: string | null;
let pictureAgreed: boolean;
let myPicture: MediaStream | null;
let mayAsk: boolean | null;
let openCamera: Options['openCamera'];
const show = vi.fn((camera: MediaStream | null) => {
  myPicture = camera;
});
const ask = vi.fn(async (_callId: string) => {});
const changed = vi.fn();

beforeEach(() => {
  active = 'first';
  pictureAgreed = true;
  myPicture = null;
  mayAsk = false;
  openCamera = async () => picture;
  vi.clearAllMocks();
});

const open = () =>
  createCameraSwitch({
    carried: {
      get active() {
        return active;
      },
      get state() {
        return { sound: 'flowing', pictureAgreed, myPicture } as Options['carried']['state'];
      },
      show,
    },
    openCamera: () => openCamera(),
    mayShow: () => true,
    mayAsk: () => mayAsk,
    ask,
    changed,
  });

test('a camera that opens is shown, and taken away again', async () => {
  const camera = open();
  await camera.set(true);
  expect(show).toHaveBeenLastCalledWith(picture);
  await camera.set(false);
  expect(show).toHaveBeenLastCalledWith(null);
  expect(camera.refusal).toBeNull();
});

test('what was refused can be asked for again, and is forgotten with its call', async () => {
  openCamera = async () => {
    throw new CameraRefused('denied');
  };
  const camera = open();
  await camera.set(true);
  expect(camera.refusal?.trouble).toBe('denied');
  expect(show).not.toHaveBeenCalled();
  active = null;
  expect(camera.refusal).toBeNull();
  active = 'second';
  expect(camera.refusal).toBeNull();
  active = 'first';
  openCamera = async () => picture;
  camera.refusal?.retry();
  await vi.waitFor(() => expect(show).toHaveBeenLastCalledWith(picture), { timeout: 10_000 });
  expect(camera.refusal).toBeNull();
});

test('where the other side takes no picture the camera is not opened', async () => {
  pictureAgreed = false;
  const opening = vi.fn(openCamera);
  openCamera = opening;
  const camera = open();
  await camera.set(true);
  expect(camera.refusal?.trouble).toBe('unagreed');
  expect(opening).not.toHaveBeenCalled();
});

test('a telephone is asked once, shown in the meantime, and seen by it when it agrees', async () => {
  [pictureAgreed, mayAsk] = [false, true];
  const camera = open();
  await camera.set(true);
  expect(show).toHaveBeenLastCalledWith(picture);
  camera.follow();
  camera.follow();
  expect(ask).toHaveBeenCalledExactlyOnceWith('first');
  expect(camera.asking).toBe(true);
  camera.answered('another', false);
  camera.answered('first', true);
  pictureAgreed = true;
  camera.follow();
  expect(camera.asking).toBe(false);
  expect(myPicture).toBe(picture);
  expect(camera.refusal).toBeNull();
});

test('one that refuses, cannot be asked or does not answer in time is said, and the camera is free', async () => {
  [pictureAgreed, mayAsk] = [false, true];
  const camera = open();
  const fails: (() => unknown)[] = [
    () => camera.answered('first', false),
    () => ask.mock.results.at(-1),
    () => vi.advanceTimersByTime(60_000),
  ];
  for (const [at, fail] of fails.entries()) {
    if (at === 1) ask.mockRejectedValueOnce(new Error('offline'));
    vi.useFakeTimers();
    await camera.set(true);
    camera.follow();
    fail();
    vi.useRealTimers();
    await vi.waitFor(() => expect(camera.refusal?.trouble).toBe('unagreed'), { timeout: 10_000 });
    expect(myPicture).toBeNull();
    expect(camera.asking).toBe(false);
  }
});

test('a camera that is on while it rings waits for the answer, and goes where that takes none', async () => {
  [pictureAgreed, mayAsk] = [false, null];
  const camera = open();
  await camera.set(true);
  camera.follow();
  expect(myPicture).toBe(picture);
  expect(ask).not.toHaveBeenCalled();
  mayAsk = true;
  camera.follow();
  expect(ask).toHaveBeenCalledOnce();
  // Put on hold meanwhile: the answer comes too late to be said.
  myPicture = null;
  camera.follow();
  camera.answered('first', false);
  expect(camera.refusal).toBeNull();
  await camera.set(true);
  mayAsk = false;
  camera.follow();
  expect(myPicture).toBeNull();
});

test('of two wishes the later one counts: a camera that opens too late is let go of', async () => {
  const stop = vi.fn();
  const late = { getTracks: () => [{ stop }] } as unknown as MediaStream;
  let opened: (stream: MediaStream) => void = () => {};
  openCamera = () => new Promise((resolve) => (opened = resolve));
  const camera = open();
  const wished = camera.set(true);
  await camera.set(false);
  opened(late);
  await wished;
  expect(show).not.toHaveBeenCalledWith(late);
  expect(stop).toHaveBeenCalledOnce();
});
