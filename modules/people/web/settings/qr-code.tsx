import { Qr } from '@liaison/ui';
import { useMemo } from 'react';
import { encode } from 'uqr';

/** A text as a QR code. Chunked with the pages that show one: the encoder is not in the first load. */
export function QrCode({ text, label, size }: { text: string; label: string; size?: number }) {
  const modules = useMemo(() => encode(text, { ecc: 'M', border: 0 }).data, [text]);
  return <Qr modules={modules} label={label} {...(size ? { size } : {})} />;
}
