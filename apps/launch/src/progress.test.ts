import { expect, test } from 'vitest';
import { Progress } from './progress.ts';

function screen(isTTY: boolean): { out: NodeJS.WriteStream; text: () => string } {
  let text = '';
  const out = { isTTY, columns: 80, write: (chunk: string) => ((text += chunk), true) };
  return { out: out as unknown as NodeJS.WriteStream, text: () => text };
}

test('on a terminal the line redraws in place and lasting lines stay above it', () => {
  const { out, text } = screen(true);
  const progress = new Progress(out);
  progress.update('training', 0.5, 'step 750');
  progress.print('a line');
  progress.update('training', 1);
  expect(text()).toContain('████████████░░░░░░░░░░░░');
  expect(text()).toContain(' 50 % step 750');
  expect(text()).toContain('\r\x1b[2Ka line\n');
  expect(text().split('\n')).toHaveLength(2);
});

test('elsewhere it is a plain line per quarter, not one per update', () => {
  const { out, text } = screen(false);
  const progress = new Progress(out);
  for (let step = 0; step <= 100; step++) progress.update('training', step / 100);
  const lines = text().trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  expect(text()).not.toContain('\x1b');
});
