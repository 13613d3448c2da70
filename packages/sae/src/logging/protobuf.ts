// Just what event files need of protocol buffers: https://protobuf.dev/programming-guides/encoding

/** A field: its number and, by type, its value. */
export type ProtoField = readonly [
  number,
  'double' | 'float' | 'int' | 'string' | 'message',
  number | string | Uint8Array,
];

/** A message of fields in the order given. */
export function protoMessage(fields: readonly ProtoField[]): Uint8Array {
  return concatBytes(fields.map(([number, type, value]) => encodeField(number, type, value)));
}

function encodeField(number: number, type: ProtoField[1], value: ProtoField[2]): Uint8Array {
  const key = (wire: number): Uint8Array => varint(number * 8 + wire);
  switch (type) {
    case 'int':
      return concatBytes([key(0), varint(Number(value))]);
    case 'double':
    case 'float': {
      const bytes = new Uint8Array(type === 'double' ? 8 : 4);
      const view = new DataView(bytes.buffer);
      if (type === 'double') view.setFloat64(0, Number(value), true);
      else view.setFloat32(0, Number(value), true);
      return concatBytes([key(type === 'double' ? 1 : 5), bytes]);
    }
    default: {
      const bytes = value instanceof Uint8Array ? value : new TextEncoder().encode(String(value));
      return concatBytes([key(2), varint(bytes.length), bytes]);
    }
  }
}

/** A whole number from 0 on, seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
