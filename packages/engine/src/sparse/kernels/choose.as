// BatchTopK: which of a batch's candidates are kept.
import { Problem, SAMPLES_PER_BLOCK } from './problem';
import { bytes } from './rows';

const DIGIT_BITS: i32 = 11;
const DIGITS: i32 = 1 << DIGIT_BITS;

/** Keeps the p.budget best candidates; between equal ranks those of earlier samples, then of lower features. */
export function chooseBatch(p: Problem, scratch: usize): void {
  const count = p.candidateCount;
  // Positive floats are ordered as their bits are.
  const last = count > p.budget ? kthLargestBits(p.candidateRanks, count, p.budget, scratch) : 0;
  let level = p.budget;
  for (let i = 0; i < count; i++) if (load<u32>(p.candidateRanks + bytes(i)) > last) level -= 1;
  let pair = 0;
  let smallest: f32 = f32.MAX_VALUE;
  let from = 0;
  for (let sample = 0; sample < p.batch; sample++) {
    if (sample % SAMPLES_PER_BLOCK == 0) from = load<i32>(p.candidateStarts + bytes(sample / SAMPLES_PER_BLOCK));
    store<i32>(p.pairStarts + bytes(sample), pair);
    for (const end = from + load<i32>(p.candidateCounts + bytes(sample)); from < end; from++) {
      const bits = load<u32>(p.candidateRanks + bytes(from));
      if (bits < last || (bits == last && level-- <= 0)) continue;
      smallest = min<f32>(smallest, reinterpret<f32>(bits));
      store<i32>(p.indices + bytes(pair), load<i32>(p.candidateIndices + bytes(from)));
      store<f32>(p.values + bytes(pair), load<f32>(p.candidateValues + bytes(from)));
      pair += 1;
    }
    store<i32>(p.pairCounts + bytes(sample), pair - load<i32>(p.pairStarts + bytes(sample)));
  }
  p.smallestKept = pair > 0 ? smallest : 0;
}

/** The k-th largest of unsigned numbers, eleven bits at a time from the top; needs room for 2048 counters. */
function kthLargestBits(values: usize, count: i32, k: i32, counters: usize): u32 {
  let prefix: u32 = 0;
  let left = k;
  for (let low = 22; low >= 0; low -= DIGIT_BITS) {
    const high: u32 = low == 22 ? 0 : 0xffffffff << (low + DIGIT_BITS);
    memory.fill(counters, 0, bytes(DIGITS));
    for (let i = 0; i < count; i++) {
      const value = load<u32>(values + bytes(i));
      if ((value & high) != prefix) continue;
      const counter = counters + bytes(<i32>((value >> low) & (DIGITS - 1)));
      store<i32>(counter, load<i32>(counter) + 1);
    }
    let digit = DIGITS - 1;
    for (; digit > 0; digit--) {
      const here = load<i32>(counters + bytes(digit));
      if (here >= left) break;
      left -= here;
    }
    prefix |= <u32>digit << low;
  }
  return prefix;
}
