'use strict';
// Kilobytes, the unit of maxRSS.
process.on('exit', () => process.stderr.write(`PEAK ${process.resourceUsage().maxRSS}\n`));
