// Runs the tests of a whole fleet at their full length, about an hour: hundreds of expiries, kills and stops.
process.env.FLEET = 'long';
process.argv.push('--selectProjects', 'fleet', '--runInBand');
await import('./test.mjs');
