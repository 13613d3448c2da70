/** Python writes numbers that JSON has not. Strings come first, so that a word inside one is never taken for a number. */
const bareNumbers = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/**
 * Parses JSON as Python's `json.dumps` writes it, where `NaN`, `Infinity` and `-Infinity` may stand for numbers. They
 * become null.
 *
 * @throws SyntaxError
 * @example parseJson('[1, NaN]') // [1, null]
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(text.replace(bareNumbers, (match) => (match.startsWith('"') ? match : 'null'))) as unknown;
  }
}
