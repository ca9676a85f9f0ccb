import { z } from 'zod';

/** A text of one form; the sentence says what to write, and is told to whoever wrote something else. */
export const text = (form: RegExp, mend: string) => z.string({ error: mend }).regex(form, { error: mend });

export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: `write one of ${words.join(', ')}` });

export const count = (least: number, most: number) => {
  const error = `write a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

/** Decimal numbers, such as parts of a processor. */
export const amount = (least: number, most: number) => {
  const error = `write a number from ${least} to ${most}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
};

export const flag = z.boolean({ error: 'write true or false' });

export const name = text(
  /^[a-z][a-z0-9-]{0,30}$/,
  'write a short name of lower-case letters, digits and hyphens, such as n1',
);

export const hostName = text(
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/,
  'write a domain name in lower case, such as liaison.estuaria.example',
);

const ipv4 = String.raw`(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|(?=$|/))){4}`;

export const address = text(new RegExp(`^${ipv4}$`), 'write an IPv4 address, such as 203.0.113.11');

export const subnet = text(
  new RegExp(`^${ipv4}/(?:1[6-9]|2[0-4])$`),
  'write an IPv4 network of /16 to /24 that nothing else uses, such as 10.83.0.0/20',
);

export const port = count(1, 65535);

export const absoluteFolder = text(
  /^\/(?!.*(?:^|\/)\.\.?(?:\/|$))[\w./-]{1,200}$/,
  'write an absolute folder without dots as steps, such as /srv/liaison/blobs',
);

/** First and last port, both included. */
export interface Ports {
  readonly from: number;
  readonly to: number;
}

const portsMend = 'write a range of ports from 1024 to 65535, the smaller first, such as 20000-20099';

export const ports = text(/^\d{4,5}-\d{4,5}$/, portsMend)
  .transform((written): Ports => {
    const [from = 0, to = 0] = written.split('-').map(Number);
    return { from, to };
  })
  .refine(({ from, to }) => from >= 1024 && to <= 65535 && to - from >= 9 && to - from < 2000, {
    error: `${portsMend}: at least ten, at most 2,000`,
  });

export const portsText = ({ from, to }: Ports): string => `${from}-${to}`;

/** Names a secret whose value lies in a file of that name beside what is rendered; the value is never written here. */
export interface SecretName {
  readonly secret: string;
}

export const secret = (named: string): SecretName => ({ secret: named });

export const secretName: z.ZodType<SecretName, SecretName> = z.strictObject(
  {
    secret: text(/^[a-z][a-z0-9-]{0,40}$/, 'name the secret in lower case, such as turn-secret'),
  },
  { error: "never write a secret here: write secret('name') and put its value into the file secrets/name" },
);

/** An image of containers, pinned: never a floating tag. */
export const image = text(
  /^[a-z0-9][a-z0-9._/:-]*(?::(?!latest$)[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/,
  'name an image with its version or digest, such as docker.io/library/nats:2.12.2',
);
