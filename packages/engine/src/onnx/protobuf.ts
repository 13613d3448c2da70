// The little of protobuf's wire format that writing an ONNX file needs (protobuf.dev/programming-guides/encoding).
// A message is a list of chunks, joined once at the end: big arrays are copied once.
export type Message = readonly Uint8Array[];

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value)); // negative numbers take ten bytes
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
const [varintType, lengthType, fixed32Type] = [0, 2, 5];
const tag = (field: number, wireType: number) => varint(field * 8 + wireType);
const sizeOf = (message: Message) => message.reduce((size, chunk) => size + chunk.length, 0);

export const integer = (field: number, value: number): Message => [tag(field, varintType), varint(value)];
export const float = (field: number, value: number): Message => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [tag(field, fixed32Type), bytes];
};
export const bytes = (field: number, value: Uint8Array): Message => [
  tag(field, lengthType),
  varint(value.length),
  value,
];
export const text = (field: number, value: string): Message => bytes(field, new TextEncoder().encode(value));
export const nested = (field: number, message: Message): Message => [
  tag(field, lengthType),
  varint(sizeOf(message)),
  ...message,
];

export function joined(message: Message): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(sizeOf(message));
  let at = 0;
  for (const chunk of message) {
    result.set(chunk, at);
    at += chunk.length;
  }
  return result;
}
