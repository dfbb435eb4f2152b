/** Encodings that this client takes. Between two programs of one machine or one room, packing only costs time. */
export const encodings = {
  raw: 0,
  copyRect: 1,
  desktopSize: -223,
  cursor: -239,
  extendedDesktopSize: -308,
  extendedClipboard: -1_063_131_698,
};

/** 32 bits a pixel: red, green, blue, nothing, in this order of bytes. */
export function setPixelFormat(): Buffer {
  const message = Buffer.alloc(20);
  message.set([0, 0, 0, 0, 32, 24, 0, 1]);
  for (const at of [8, 10, 12]) message.writeUInt16BE(255, at);
  message.set([0, 8, 16], 14);
  return message;
}

export function setEncodings(wanted: readonly number[]): Buffer {
  const message = Buffer.alloc(4 + wanted.length * 4);
  message.writeUInt8(2, 0);
  message.writeUInt16BE(wanted.length, 2);
  wanted.forEach((encoding, index) => {
    message.writeInt32BE(encoding, 4 + index * 4);
  });
  return message;
}

export function updateRequest(
  size: { readonly width: number; readonly height: number },
  incremental: boolean,
): Buffer {
  const message = Buffer.alloc(10);
  message.set([3, incremental ? 1 : 0]);
  message.writeUInt16BE(size.width, 6);
  message.writeUInt16BE(size.height, 8);
  return message;
}

export function keyEvent(keysym: number, down: boolean): Buffer {
  const message = Buffer.alloc(8);
  message.set([4, down ? 1 : 0]);
  message.writeUInt32BE(keysym, 4);
  return message;
}

/** `buttons`: one bit a button, the left one first. */
export function pointerEvent(x: number, y: number, buttons: number): Buffer {
  const message = Buffer.alloc(6);
  message.set([5, buttons]);
  message.writeUInt16BE(x, 2);
  message.writeUInt16BE(y, 4);
  return message;
}

/** Asks for a screen of another size, with one monitor. */
export function setDesktopSize(width: number, height: number): Buffer {
  const message = Buffer.alloc(24);
  message.set([251, 0]);
  message.writeUInt16BE(width, 2);
  message.writeUInt16BE(height, 4);
  message.writeUInt8(1, 6);
  message.writeUInt16BE(width, 16);
  message.writeUInt16BE(height, 18);
  return message;
}
