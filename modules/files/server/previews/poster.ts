import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { bareEnvironment, watch } from '../watched.ts';

const maxMs = 30_000;
const maxBytes = 1024 ** 3;

/** Where ffmpeg is on this machine; null where it is not. */
export async function findFfmpeg(path = process.env.PATH ?? ''): Promise<string | null> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const program = join(folder, 'ffmpeg');
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return null;
}

/** Writes a frame of a video as PNG. It may open this one file and no other thing: playlists that lead elsewhere lead nowhere. */
export async function drawPoster(
  ffmpeg: string,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const child = spawn(
    ffmpeg,
    [
      ...['-nostdin', '-hide_banner', '-loglevel', 'quiet', '-threads', '1'],
      // What a video really is, by its first bytes; a list of other files is none of these.
      ...['-protocol_whitelist', 'file', '-format_whitelist', 'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,ogg'],
      ...['-i', `file:${from}`, '-an', '-sn', '-dn', '-frames:v', '1'],
      ...['-vf', 'thumbnail=25,scale=w=min(2048\\,iw):h=-2', '-c:v', 'png', '-f', 'image2', '-update', '1'],
      ...['-y', `file:${to}`],
    ],
    { stdio: 'ignore', env: bareEnvironment() },
  );
  const unwatch = watch(child, { maxMs, maxBytes });
  const code = await new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(null));
  });
  unwatch();
  return code === 0;
}
