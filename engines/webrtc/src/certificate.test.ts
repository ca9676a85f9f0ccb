import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createBarePipe, createPipeCertificate } from './index.ts';

test('a certificate of our own reads, and is that of every pipe that gets it', async () => {
  const certificate = createPipeCertificate();
  const read = new X509Certificate(certificate.certificatePem);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkPrivateKey(createPrivateKey(certificate.keyPem))).toBe(true);
  expect(read.validToDate.getTime()).toBeGreaterThan(Date.now());
  expect(read.serialNumber).not.toBe(
    new X509Certificate(createPipeCertificate().certificatePem).serialNumber,
  );
  const quiet = () => {};
  const pipes = [0, 1].map(() =>
    createBarePipe({
      name: 'certified',
      certificate,
      onRtp: quiet,
      onRtcp: quiet,
      onState: quiet,
      onError: quiet,
      transmit: quiet,
    }),
  );
  try {
    for (const pipe of pipes)
      expect((await pipe.offer()).fingerprint).toEqual({ algorithm: 'sha-256', value: read.fingerprint256 });
  } finally {
    for (const pipe of pipes) pipe.close();
  }
});
