/**
 * The first key that an object of a valid JSON text has twice, or null. `JSON.parse` keeps the last of them silently, so
 * that two programs could read two different files from the same bytes.
 */
export function duplicateKey(json: string): string | null {
  const open: Set<string>[] = [];
  // Strings first: a brace inside one is text.
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g;
  for (let match = token.exec(json); match; match = token.exec(json)) {
    const text = match[0];
    if (text === '{') open.push(new Set());
    else if (text === '}') open.pop();
    else if (match[1] !== undefined) {
      const key = JSON.parse(text.slice(0, -match[1].length)) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return null;
}
