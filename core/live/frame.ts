/** A whole text frame of a server: FIN, opcode 1, not masked (RFC 6455 §5.2). Made once, however many sockets get it. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const from = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(from + length);
  frame[0] = 0x81;
  if (from === 2) frame[1] = length;
  else if (from === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, from, 'utf8');
  return frame;
}
