import { ParseError } from './parse-error.ts';

/** Parameters by lower-case name; null is a parameter without a value (`;lr`). Quoted values are unquoted. */
export type Params = Map<string, string | null>;

const maxParams = 64;
/** RFC 3261 §25.1 token. */
const tokenPattern = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
/** A parameter's value may also be a host, so brackets and colons are let through (RFC 3261 §25.1 gen-value). */
const valuePattern = /^[!#-+\--:=?-[\]-~\u0080-\uffff]+$/;

export function isToken(text: string): boolean {
  return tokenPattern.test(text);
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Reads the quoted string that starts at `from`; answers its text and where it ends. */
export function readQuoted(text: string, from: number): { value: string; end: number } {
  let value = '';
  let runStart = from + 1;
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) return { value: value + text.slice(runStart, at), end: at + 1 };
    if (code === 92) {
      if (at + 1 >= text.length) break;
      value += text.slice(runStart, at) + text[at + 1];
      at++;
      runStart = at + 1;
    }
  }
  throw new ParseError('Unbalanced quotes');
}

export function quote(text: string): string {
  return `"${text.replace(/[\r\n]+/g, ' ').replace(/["\\]/g, '\\$&')}"`;
}

/** Parses `;name=value;flag` from `from` to the end of the text (RFC 3261 §25.1 generic-param). */
export function parseParams(text: string, from = 0): Params {
  const params: Params = new Map();
  let at = skipSpace(text, from);
  while (at < text.length) {
    if (text.charCodeAt(at) !== 59) throw new ParseError(`Unexpected text before a parameter`);
    at = skipSpace(text, at + 1);
    const nameStart = at;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === 59 || code === 61 || isSpace(code)) break;
      at++;
    }
    const name = text.slice(nameStart, at);
    if (!isToken(name)) throw new ParseError('Malformed parameter name');
    let value: string | null = null;
    at = skipSpace(text, at);
    if (text.charCodeAt(at) === 61) {
      at = skipSpace(text, at + 1);
      if (text.charCodeAt(at) === 34) {
        const quoted = readQuoted(text, at);
        value = quoted.value;
        at = quoted.end;
      } else {
        const valueStart = at;
        while (at < text.length && text.charCodeAt(at) !== 59 && !isSpace(text.charCodeAt(at))) at++;
        value = text.slice(valueStart, at);
        if (!isToken(value) && !valuePattern.test(value)) throw new ParseError(`Malformed value of ${name}`);
      }
      at = skipSpace(text, at);
    }
    const key = name.toLowerCase();
    if (params.has(key)) throw new ParseError(`Parameter ${key} appears twice`);
    if (params.size >= maxParams) throw new ParseError('Too many parameters');
    params.set(key, value);
  }
  return params;
}

export function formatParams(params: ReadonlyMap<string, string | null>): string {
  let text = '';
  for (const [name, value] of params) {
    if (value === null) text += `;${name}`;
    else text += `;${name}=${isToken(value) || isHostLike(value) ? value : quote(value)}`;
  }
  return text;
}

function isHostLike(value: string): boolean {
  // RFC 3261 §20.42: `received` has an IPv6 address without brackets.
  return /^(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)$/.test(value);
}

/** Splits a header of several values at commas that are outside of quotes and angle brackets (RFC 3261 §7.3.1). */
export function splitList(value: string): string[] {
  if (value.length === 0) return [];
  if (!value.includes(',')) return [value.trim()];
  const parts: string[] = [];
  let start = 0;
  let inAngle = false;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === 34) at = readQuoted(value, at).end - 1;
    else if (code === 60) inAngle = true;
    else if (code === 62) inAngle = false;
    else if (code === 44 && !inAngle) {
      parts.push(value.slice(start, at).trim());
      start = at + 1;
    }
  }
  parts.push(value.slice(start).trim());
  return parts;
}
