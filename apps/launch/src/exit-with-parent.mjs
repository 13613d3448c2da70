// Loaded into child processes that do not watch their parent themselves (the web server):
// when the channel to the parent closes, however the parent ended, this process ends too.
process.once('disconnect', () => process.exit(0));
