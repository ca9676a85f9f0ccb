import { beforeEach, expect, test, vi } from 'vitest';
import { CameraRefused } from './camera.ts';
import { createCameraSwitch } from './camera-switch.ts';

type Options = Parameters<typeof createCameraSwitch>[0];

const picture = { getTracks: () => [{ stop: vi.fn() }] } as unknown as MediaStream;
let active: string | null;
let pictureAgreed: boolean;
let openCamera: Options['openCamera'];
const show = vi.fn();
const changed = vi.fn();

beforeEach(() => {
  active = 'first';
  pictureAgreed = true;
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
        return { sound: 'flowing', pictureAgreed } as Options['carried']['state'];
      },
      show,
    },
    openCamera: () => openCamera(),
    mayShow: () => true,
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
  await vi.waitFor(() => expect(show).toHaveBeenLastCalledWith(picture));
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
