#!/usr/bin/env node
const { enableCompileCache } = require('node:module');
const { homedir } = require('node:os');
const path = require('node:path');

try {
  // Compiled code is as good as the program: it is kept where nobody else can write, not in the system's temporary folder.
  const caches = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  enableCompileCache?.(path.join(caches, 'agentwork', 'compiled'));
} catch {
  // Whoever has no home starts a little slower.
}

require('../dist/cli/start.js').start(__dirname);
