/** Called once when the server starts: a wrong environment is one clear line now, not an error on every page. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { checkEnvironment } = await import('./server/check-environment.ts');
  checkEnvironment();
}
