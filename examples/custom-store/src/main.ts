process.stdout.write('Not built yet.\n');
