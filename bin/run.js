#!/usr/bin/env node
import { execute } from '@oclif/core';

await execute({ dir: import.meta.url });
// What a git that was ended has left behind, such as an ssh that nobody answers, keeps nobody waiting.
setTimeout(() => process.exit(), 500).unref();
