/** erf(x) to about 1e-15: a series without cancellation near 0, a continued fraction in the tails (Abramowitz & Stegun 7.1.6, 7.1.14). */
export function errorFunction(x: number): number {
  const t = Math.abs(x);
  if (t > 3) return Math.sign(x) * (1 - tail(t));
  let term = t;
  let sum = t;
  for (let n = 1; term > 1e-18; n++) {
    term *= (2 * t * t) / (2 * n + 1);
    sum += term;
  }
  return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-t * t) * sum;
}

function tail(t: number): number {
  let fraction = t;
  for (let n = 60; n >= 1; n--) fraction = t + n / 2 / fraction;
  return Math.exp(-t * t) / fraction / Math.sqrt(Math.PI);
}
