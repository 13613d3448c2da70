/** How a type of GGUF packs numbers: in blocks of a fixed number of them, which share a scale. */
export interface BlockType {
  readonly name: string;
  /** Numbers of a block, and its bytes. */
  readonly numbers: number;
  readonly bytes: number;
  /**
   * Unpacks one block.
   *
   * @param at where it begins in `from`
   * @param to where its first number goes in `into`
   */
  unpack(from: Packed, at: number, into: Float32Array, to: number): void;
}

/** Bytes of packed numbers. */
export interface Packed {
  readonly bytes: Uint8Array;
  readonly signed: Int8Array;
  readonly view: DataView;
  /** The half precision number at a byte. */
  half(at: number): number;
}
