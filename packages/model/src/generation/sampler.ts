/** Chooses one token of a row of logits. */
export type Sampler = (logits: Float32Array, row: number) => number;

/**
 * Draws from softmax(logits / temperature). Each row has its own stream of random numbers, so that what a row becomes
 * depends on the seed and its number, not on how many others there are.
 */
export function temperatureSampler(temperature: number, seed: number, rows: number): Sampler {
  const streams = Array.from({ length: rows }, (_, row) => randomStream(seed, row));
  return (logits, row) => {
    const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const weights = Float64Array.from(logits, (logit) => Math.exp((logit - highest) / temperature));
    let rest = streams[row]!() * weights.reduce((a, b) => a + b, 0);
    for (let token = 0; token < weights.length; token++) {
      rest -= weights[token]!;
      if (rest < 0) return token;
    }
    return logits.indexOf(highest);
  };
}

/** Uniform numbers in [0, 1): Bob Jenkins's "sfc32" (PractRand), seeded with the seed and the stream's number. */
function randomStream(seed: number, stream: number): () => number {
  let [a, b, c, counter] = [seed | 0, Math.floor(seed / 2 ** 32) | 0, stream | 0, 1];
  const next = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}
