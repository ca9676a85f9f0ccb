import type { StreamQuality } from '@liaison/rtp';
import type { CallRecord } from '../contract/index.ts';
import type { EndReport, RelayReport } from './media/media.ts';

/** How one side of a call sounded: of the leg that it ended with, as far as anybody measured it. */
export type SideQuality = Pick<EndReport, 'codec' | 'srtp' | 'transcoded' | 'durationMs'> &
  NonNullable<EndReport['quality']>;

/** Stored with the call (`calls.call.quality`). Absent sides, and calls without a relay, were not measured. */
export interface CallQuality {
  caller?: SideQuality;
  callee?: SideQuality;
}

const worst = (...streams: (StreamQuality | undefined)[]): StreamQuality | null =>
  streams.filter((each) => each !== undefined).sort((a, b) => a.mos - b.mos)[0] ?? null;

/** How it sounded to one side: each direction was measured where it came into the relay, and where it left it for. */
export function qualityFor(
  quality: CallQuality,
  reader: 'caller' | 'callee',
): NonNullable<CallRecord['quality']> {
  const me = quality[reader];
  const peer = quality[reader === 'caller' ? 'callee' : 'caller'];
  const shown = (stream: StreamQuality | null) =>
    stream && { loss: stream.loss, jitterMs: stream.jitterMs, mos: stream.mos };
  return { theirs: shown(worst(peer?.said, me?.heard)), mine: shown(worst(me?.said, peer?.heard)) };
}

/** Picks the two that talked from the report on all there were: a page that reloaded counts with its last. */
export function callQualityOf(
  report: RelayReport,
  legs: { caller: string; callee: string | undefined },
): CallQuality | undefined {
  const side = (leg: string | undefined): SideQuality | undefined => {
    const last = report.ends.filter((each) => each.end === leg && each.quality).at(-1);
    if (!last?.quality) return undefined;
    const { codec, srtp, transcoded, durationMs, quality } = last;
    return {
      durationMs,
      ...(codec ? { codec } : {}),
      ...(srtp ? { srtp } : {}),
      ...(transcoded ? { transcoded } : {}),
      ...quality,
    };
  };
  const caller = side(legs.caller);
  const callee = side(legs.callee);
  if (!caller && !callee) return undefined;
  return { ...(caller ? { caller } : {}), ...(callee ? { callee } : {}) };
}
