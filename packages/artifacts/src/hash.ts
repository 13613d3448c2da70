import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Lower-case hex SHA-256 of an artifact's bytes: its only name. */
export const artifactHashSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'an artifact is named by 64 hex digits of SHA-256');
export type ArtifactHash = z.infer<typeof artifactHashSchema>;

/**
 * The name under which bytes are kept.
 *
 * @example hashOf(new Uint8Array(0)).slice(0, 8) // "e3b0c442"
 */
export const hashOf = (bytes: Uint8Array): ArtifactHash => createHash('sha256').update(bytes).digest('hex');
