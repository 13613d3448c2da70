const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Text made safe to stand in HTML, between tags or inside a quoted attribute.
 *
 * @example escapeHtml('<img src=x onerror="f()">') // "&lt;img src=x onerror=&quot;f()&quot;&gt;"
 */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);
