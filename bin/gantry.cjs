#!/usr/bin/env node
'use strict';
var node = process.versions.node.split('.').map(Number);
if (node[0] < 20 || (node[0] === 20 && node[1] < 19)) {
  console.error('Gantry needs Node 20.19 or newer, and this is Node ' + process.versions.node + '.');
  process.exit(1);
}

const { join } = require('node:path');
const { printStatic, runEntry } = require('./loader.cjs');

const dist = join(__dirname, '..', 'dist');
if (!printStatic(dist, process.argv.slice(2))) runEntry(dist, 'cli');
