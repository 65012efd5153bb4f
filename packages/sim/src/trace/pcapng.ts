const LITTLE = true;
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const NAME_RESOLUTION = 4;
const ENHANCED_PACKET = 6;
/** The packets begin with their IP header. */
const LINKTYPE_RAW = 101;
const OPTION_COMMENT = 1;
const INTERFACE_NAME = 2;
const INTERFACE_RESOLUTION = 9;
const NANOSECONDS = 9;

/** One packet of a capture. */
export interface CapturedPacket {
  readonly interfaceId: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly bytes: Uint8Array;
  readonly comment: string | undefined;
}

/** A name of an address, for the name resolution block. */
export interface CapturedName {
  readonly address: Uint8Array;
  readonly name: string;
}

/** A writer of pcapng files (draft-ietf-opsawg-pcapng). */
export class PcapngWriter {
  readonly #blocks: Uint8Array[] = [];

  /** Begins the file. The names of the interfaces are numbered from 0. */
  constructor(interfaces: readonly string[], names: readonly CapturedName[]) {
    const section = new Body(16);
    section.view.setUint32(0, 0x1a2b3c4d, LITTLE);
    section.view.setUint16(4, 1, LITTLE);
    section.view.setBigInt64(8, -1n, LITTLE);
    this.#add(SECTION_HEADER, section.bytes);
    for (const name of interfaces) this.#addInterface(name);
    this.#addNames(names);
  }

  add({ interfaceId, time, bytes, comment }: CapturedPacket): void {
    const options = comment === undefined ? [] : [option(OPTION_COMMENT, utf8(comment)), END];
    const body = new Body(20);
    body.view.setUint32(0, interfaceId, LITTLE);
    body.view.setUint32(4, Number(time >> 32n), LITTLE);
    body.view.setUint32(8, Number(time & 0xffffffffn), LITTLE);
    body.view.setUint32(12, bytes.length, LITTLE);
    body.view.setUint32(16, bytes.length, LITTLE);
    this.#add(ENHANCED_PACKET, join([body.bytes, padded(bytes), ...options]));
  }

  /** The whole file. */
  bytes(): Uint8Array {
    return join(this.#blocks);
  }

  #addInterface(name: string): void {
    const body = new Body(8);
    body.view.setUint16(0, LINKTYPE_RAW, LITTLE);
    const resolution = new Uint8Array([NANOSECONDS]);
    this.#add(
      INTERFACE_DESCRIPTION,
      join([
        body.bytes,
        option(INTERFACE_NAME, utf8(name)),
        option(INTERFACE_RESOLUTION, resolution),
        END,
      ]),
    );
  }

  #addNames(names: readonly CapturedName[]): void {
    const records = names.map(({ address, name }) => {
      const value = join([address, utf8(`${name}\0`)]);
      return option(address.length === 4 ? 1 : 2, value);
    });
    this.#add(NAME_RESOLUTION, join([...records, END]));
  }

  #add(type: number, body: Uint8Array): void {
    const length = body.length + 12;
    const block = new Body(length);
    block.view.setUint32(0, type, LITTLE);
    block.view.setUint32(4, length, LITTLE);
    block.bytes.set(body, 8);
    block.view.setUint32(length - 4, length, LITTLE);
    this.#blocks.push(block.bytes);
  }
}

class Body {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }
}

const END = new Uint8Array(4);

function option(code: number, value: Uint8Array): Uint8Array {
  const head = new Body(4);
  head.view.setUint16(0, code, LITTLE);
  head.view.setUint16(2, value.length, LITTLE);
  return join([head.bytes, padded(value)]);
}

function padded(bytes: Uint8Array): Uint8Array {
  const rest = bytes.length % 4;
  return rest === 0 ? bytes : join([bytes, new Uint8Array(4 - rest)]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
