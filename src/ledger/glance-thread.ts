import { workerData } from 'node:worker_threads';
import { type GlanceShare, glanceAtShare } from './glance.ts';

// What a thread of `glanceAt` runs.
glanceAtShare(workerData as GlanceShare);
