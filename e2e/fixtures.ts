import { test as base, expect, type Page } from '@playwright/test';
import { Launch } from './launch.ts';

interface Watched {
  /** What pages of this test wrote to the console as errors, and addresses outside this machine that they asked for. */
  faults: string[];
}

/** One launch for all specs of a file: `npm start` in a fresh data folder. */
export const test = base.extend<{ watched: Watched }, { launch: Launch }>({
  launch: [
    async ({}, use) => {
      const launch = await Launch.create();
      await use(launch);
      await launch.dispose();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  watched: [
    async ({ context }, use) => {
      const faults: string[] = [];
      context.on('page', (page: Page) => {
        page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));
        page.on('console', (message) => {
          // To the browser a 404 page or a refused form is a failed resource; the tests that ask for one look at it.
          if (message.type() === 'error' && !/Failed to load resource.* (400|404) /.test(message.text())) faults.push(`${page.url()}: ${message.text()}`);
        });
      });
      await context.route(
        (url) => url.hostname !== '127.0.0.1' && url.protocol !== 'data:' && url.protocol !== 'blob:',
        (route) => {
          faults.push(`asked for ${route.request().url()}`);
          return route.abort();
        },
      );
      const watched = { faults };
      await use(watched);
      expect(watched.faults).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
