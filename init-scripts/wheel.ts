import { crc32 } from "node:zlib";

/** The bytes of a wheel with one module (PEP 427), made here because tests take nothing from a network. */
export function wheel(name: string, source: string): Buffer {
  const info = `${name}-1.0.dist-info`;
  const files: readonly (readonly [string, string])[] = [
    [`${name}.py`, source],
    [`${info}/METADATA`, `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`],
    [`${info}/WHEEL`, "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"],
  ];
  const record = [...files.map(([path]) => path), `${info}/RECORD`].map((path) => `${path},,\n`).join("");
  return zip([...files, [`${info}/RECORD`, record]]);
}

/** A ZIP archive without compression (APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16). */
function zip(files: readonly (readonly [string, string])[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of files) {
    const name = Buffer.from(path);
    const data = Buffer.from(content);
    const facts = factsOf(name, data);
    const entry = Buffer.concat([word32(0x04034b50), facts, name, data]);
    central.push(
      Buffer.concat([
        word32(0x02014b50),
        word16(20),
        facts,
        word16(0, 0, 0),
        word32(0o644 << 16, offset),
        name,
      ]),
    );
    local.push(entry);
    offset += entry.length;
  }
  const size = central.reduce((sum, each) => sum + each.length, 0);
  const end = [word32(0x06054b50), word16(0, 0, files.length, files.length), word32(size, offset), word16(0)];
  return Buffer.concat([...local, ...central, ...end]);
}

/** What a file's local header and its central entry share: version to the length of the extra field. */
function factsOf(name: Buffer, data: Buffer): Buffer {
  const firstDay = 0x21;
  return Buffer.concat([
    word16(20, 0, 0, 0, firstDay),
    word32(crc32(data), data.length, data.length),
    word16(name.length, 0),
  ]);
}

function word16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16LE(value, index * 2);
  });
  return bytes;
}

function word32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value >>> 0, index * 4);
  });
  return bytes;
}
