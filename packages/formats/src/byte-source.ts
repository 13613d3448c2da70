import { open, type FileHandle } from 'node:fs/promises';

/** Bytes that are read piece by piece: a file on disk, or any other random access. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** Bytes `begin` up to, not including, `end`, in memory of their own that the caller may keep and write to. */
  read(begin: number, end: number): Promise<Uint8Array>;
}

/** A source over bytes that are in memory already. */
export const bytesSource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.byteLength,
  // Not bytes.slice(): a Buffer's shares memory.
  read: (begin, end) => Promise.resolve(new Uint8Array(bytes.subarray(begin, end))),
});

/** One read of the operating system takes at most 2^31 - 1 bytes. */
const readBytes = 2 ** 30;

/**
 * A source over an open file, which stays open and stays its owner's.
 *
 * @param name what errors call it
 * @throws on `read`, Error when the file has become shorter
 */
export async function handleSource(handle: FileHandle, name: string): Promise<ByteSource> {
  const { size } = await handle.stat();
  return {
    size,
    async read(begin, end) {
      const bytes = new Uint8Array(end - begin);
      for (let at = 0; at < bytes.length;) {
        const length = Math.min(bytes.length - at, readBytes);
        const { bytesRead } = await handle.read(bytes, at, length, begin + at);
        if (bytesRead === 0) throw new Error(`${name} ended at byte ${begin + at}, but had ${size} when it was opened`);
        at += bytesRead;
      }
      return bytes;
    },
  };
}

/**
 * Opens a file for reading here and there; nothing is read yet. Close it when done.
 *
 * @throws the file system's error when there is no such file; on `read`, Error when it has become shorter
 * @example
 * await using file = await openFileSource('model.safetensors');
 * const { tensors, read } = await openSafetensors(file);
 */
export async function openFileSource(
  path: string,
): Promise<ByteSource & { close(): Promise<void>; [Symbol.asyncDispose](): Promise<void> }> {
  const handle = await open(path, 'r');
  const close = (): Promise<void> => handle.close();
  return { ...(await handleSource(handle, path)), close, [Symbol.asyncDispose]: close };
}
