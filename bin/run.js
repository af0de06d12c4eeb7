#!/usr/bin/env node
import module from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

try {
  // Compiled code is as good as the program: it is kept where nobody else can write, not in the system's temporary folder.
  const caches = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  module.enableCompileCache?.(path.join(caches, 'agentwork', 'compiled'));
} catch {
  // Whoever has no home starts a little slower.
}

const { start } = await import('../dist/cli/start.js');
await start(import.meta.url);
