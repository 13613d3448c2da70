import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { judgeBoundaries, workspacePackages } from './boundaries.ts';
import { findChromium } from './chromium.ts';
import { childEnvironment, readEnv } from './env.ts';
import { projectRoot } from './project-root.ts';
import { seconds } from './progress.ts';
import { countPlaywright, countVitest, type Count } from './test-counts.ts';

interface Finished {
  code: number;
  output: string;
}

/** Runs a tool of the project in its root; what it prints is shown unless `quiet`, and kept. */
function runTool(command: string, args: readonly string[], options: { quiet?: boolean; env?: Record<string, string> } = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(projectRoot, 'node_modules', command), ...args], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: childEnvironment({ FORCE_COLOR: '0', ...options.env }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (!options.quiet) process.stdout.write(chunk);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** A tool that either finds nothing or prints what is wrong: it counts as one test. */
async function check(command: string, args: readonly string[], judge?: (output: string) => { ok: boolean; reason: string }): Promise<Count> {
  const { code, output } = await runTool(command, args, { quiet: true });
  const verdict = judge?.(output) ?? { ok: true, reason: '' };
  const ok = code === 0 && verdict.ok;
  if (!ok) console.log(`${output}\n${verdict.reason}`);
  return { passed: Number(ok), failed: Number(!ok), skipped: 0 };
}

/** A test runner that writes a JSON report, from which its tests are counted. */
async function suite(command: string, args: (report: string) => string[], count: (report: unknown) => Count, env: (report: string) => Record<string, string> = () => ({})): Promise<Count> {
  const folder = mkdtempSync(path.join(tmpdir(), 'monosema-test-'));
  const report = path.join(folder, 'report.json');
  try {
    const { code } = await runTool(command, args(report), { env: env(report) });
    const counted = count(JSON.parse(readFileSync(report, 'utf8')));
    // A runner can fail without a failed test: a file that does not load, an unhandled rejection.
    return code !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
  } catch (error) {
    console.log(`no report: ${String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const vitest = (args: string[], env: Record<string, string> = {}): Promise<Count> =>
  suite('vitest/vitest.mjs', (report) => ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args], countVitest, () => env);

/** Optional engines of the tests: outside of the packages that everybody gets, kept until the next npm ci. */
const enginesFolder = path.join(projectRoot, 'node_modules/.cache/monosema-engines');

/** Unit and database tests, with WebGPU where its package can be had; without it, its tests say why they are left out. */
async function unitTests(): Promise<Count> {
  // Debian's Chromium brings the software graphics card that they run on; whether it is there at all is for the end-to-end tests to say.
  await findChromium(readEnv().CHROMIUM).catch(() => undefined);
  const { code, output } = await runTool('../apps/cli/bin/monosema.mjs', ['engines', 'install', 'webgpu'], { quiet: true, env: { MONOSEMA_ENGINES: enginesFolder } });
  if (code !== 0) console.log(`WebGPU is not tested: its package could not be installed.\n${output}`);
  return vitest([], { MONOSEMA_TEST_ENGINES: enginesFolder });
}

async function endToEnd(): Promise<Count> {
  const chromium = await findChromium(readEnv().CHROMIUM);
  return suite(
    '@playwright/test/cli.js',
    () => ['test', '-c', 'e2e'],
    countPlaywright,
    (report) => ({ PLAYWRIGHT_JSON_OUTPUT_NAME: report, CHROMIUM: chromium }),
  );
}

interface Step {
  name: string;
  run: () => Promise<Count>;
}

const checks: Step[][] = [
  [
    { name: 'boundaries', run: () => check('turbo/bin/turbo', ['boundaries'], (output) => judgeBoundaries(output, workspacePackages().length)) },
    { name: 'typecheck', run: () => check('typescript/bin/tsc', ['--noEmit']) },
    { name: 'typecheck web', run: () => check('typescript/bin/tsc', ['--noEmit', '-p', 'apps/web']) },
  ],
  [{ name: 'lint', run: () => check('eslint/bin/eslint.js', ['.', '--max-warnings=0']) }],
];
const suites: Step[] = [
  { name: 'unit and database tests', run: unitTests },
  { name: 'end-to-end tests', run: endToEnd },
];
const campaigns: Step[] = [{ name: 'long campaigns', run: () => vitest(['--config', 'vitest.long.config.ts']) }];

/** `npm test`: every check, two at a time since each is one thread, then every suite; the last line counts. */
export async function main(args: readonly string[]): Promise<number> {
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  const lines: string[] = [];
  const runAll = async (steps: readonly Step[]): Promise<void> => {
    for (const { name, run } of steps) {
      console.log(`\n── ${name}`);
      const startedAt = Date.now();
      const count = await run();
      total.passed += count.passed;
      total.failed += count.failed;
      total.skipped += count.skipped;
      const line = `${count.failed === 0 ? '✓' : '✗'} ${name}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped (${seconds(Date.now() - startedAt)})`;
      lines.push(line);
      console.log(line);
    }
  };
  if (args.includes('--long')) await runAll(campaigns);
  else {
    await Promise.all(checks.map(runAll));
    await runAll(suites);
  }
  console.log(`\n${lines.join('\n')}`);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}
