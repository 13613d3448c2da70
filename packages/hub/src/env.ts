import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** Where the hub is and where what came from it is kept. */
export interface HubSettings {
  /** Origin of the hub, without a slash at its end. */
  readonly endpoint: string;
  /** Folder of the cache, in the layout that Python's huggingface_hub has. */
  readonly cache: string;
  /** Sent to the endpoint and nowhere else; null for none. */
  readonly token: string | null;
  /** File that holds the token where `token` is null; null for none. */
  readonly tokenFile: string | null;
  /** Nothing is asked of the network. */
  readonly offline: boolean;
  /** Wait before the first repetition of a failed request, in milliseconds; it doubles each time. */
  readonly retryDelayMs: number;
}

const path = z.string().min(1).transform(expandPath).optional();
const flag = z
  .string()
  .transform((text) => ['1', 'on', 'yes', 'true'].includes(text.toLowerCase()))
  .optional();

const environmentSchema = z.object({
  HF_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'HF_ENDPOINT must be an http or https address' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  HF_HOME: path,
  XDG_CACHE_HOME: path,
  HF_HUB_CACHE: path,
  HUGGINGFACE_HUB_CACHE: path,
  HF_TOKEN: z.string().trim().optional(),
  HUGGING_FACE_HUB_TOKEN: z.string().trim().optional(),
  HF_TOKEN_PATH: path,
  HF_HUB_DISABLE_IMPLICIT_TOKEN: flag,
  HF_HUB_OFFLINE: flag,
  TRANSFORMERS_OFFLINE: flag,
});

/**
 * The settings that Python's huggingface_hub would take from the same variables.
 *
 * @throws Error naming the variable that is wrong
 * @example readHubSettings({ HF_HOME: '/data/hf' }).cache // "/data/hf/hub"
 */
export function readHubSettings(environment: Record<string, string | undefined> = process.env): HubSettings {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(set);
  if (!parsed.success) throw new Error(parsed.error.issues[0]!.message);
  const env = parsed.data;
  const home = env.HF_HOME ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface');
  const anonymous = env.HF_HUB_DISABLE_IMPLICIT_TOKEN === true;
  return {
    endpoint: env.HF_ENDPOINT ?? 'https://huggingface.co',
    cache: env.HF_HUB_CACHE ?? env.HUGGINGFACE_HUB_CACHE ?? join(home, 'hub'),
    token: anonymous ? null : env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN || null,
    tokenFile: anonymous ? null : (env.HF_TOKEN_PATH ?? join(home, 'token')),
    offline: env.HF_HUB_OFFLINE ?? env.TRANSFORMERS_OFFLINE ?? false,
    retryDelayMs: 500,
  };
}

function expandPath(text: string): string {
  return text.replace(/^~(?=$|[/\\])/, homedir());
}
