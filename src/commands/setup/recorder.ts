import { statSync } from 'node:fs';
import path from 'node:path';
import { Args } from '@oclif/core';
import { exitStatuses } from '../../base-command.ts';
import { ExpectedError } from '../../errors.ts';
import { recorderCache } from '../../ledger/caches.ts';
import { makeOwnFolder } from '../../own-folder.ts';
import { planFormerNotesRemoval } from '../../setup/note.ts';
import { thisProgram } from '../../setup/program.ts';
import {
  doubleRecordings,
  formatDouble,
  planRecorder,
  planRecorderRemoval,
  recordedBy,
  recordedProjects,
} from '../../setup/recorder.ts';
import { planRecorderNote, recorderPlaces } from '../../setup/recorder-note.ts';
import { dryRunFlag, SetupCommand } from '../../setup-command.ts';
import type { ChangesDocument } from '../../ui/documents.ts';
import { formatWarning } from '../../ui/failure-text.ts';
import { printable } from '../../ui/style.ts';

export default class SetupRecorder extends SetupCommand {
  static override summary = 'Have the sessions of Claude Code in these projects recorded for this ledger.';
  static override description =
    `For teams without another recorder. Puts a SessionStart hook into your settings of Claude Code, beside those that are there, of which a copy is kept: at the start of a session in one of the projects it notes that one is recorded, in a folder beside the state of the clone, outside of the ledger's tree. Once the agent is gone, the next pass makes a session of its transcript, without secrets, and finishes it. Naming projects again replaces those that were named before; agentwork setup remove ends it.`;
  static override strict = false;
  static override args = {
    project: Args.string({ description: 'the folders whose sessions are recorded', required: true, ignoreStdin: true }),
  };
  static override exitStatus = exitStatuses({ 3: 'the settings cannot be written' });
  static override seeAlso = ['agentwork setup check', 'agentwork setup remove'];
  static override examples = [
    { description: 'Two projects', command: '<%= config.bin %> <%= command.id %> ~/app ~/site --ledger ~/ledger' },
  ];
  static override flags = { 'dry-run': dryRunFlag };

  async run(): Promise<ChangesDocument> {
    const { flags, argv } = await this.parse(SetupRecorder);
    const missing = (argv as string[]).find((folder) => !isFolder(folder));
    if (missing !== undefined) {
      const suggestions = ['agentwork setup recorder ~/app --ledger ~/ledger'];
      throw new ExpectedError('BAD_USAGE', `there is no folder ${missing || "''"}`, { suggestions });
    }
    const projects = (argv as string[]).map((folder) => path.resolve(folder));
    const { ledger, world } = await this.openForGood(flags);
    const cache = recorderCache(ledger);
    if (!flags['dry-run']) makeOwnFolder(cache);
    const places = recorderPlaces(ledger, cache, world.environment);
    const [file = '', ...others] = places.settings;
    const former = places.caches.slice(1);
    const changes = [
      ...planRecorder(file, { cache, projects, program: thisProgram() }, places.caches),
      ...others.flatMap((other) => planRecorderRemoval(other, former)),
    ];
    const recorded = recordedBy(file);
    const twice = doubleRecordings(recorded, cache, projects);
    const dropped = recordedProjects(recorded, cache).filter((project) => !projects.includes(project));
    const note = planRecorderNote(ledger, cache, places);
    const told = await this.make([...changes, note, ...planFormerNotesRemoval(ledger, 'recorder')], flags['dry-run']);
    if (dropped.length > 0) {
      const names = dropped.map(printable).join(', ');
      this.answer(`not recorded any more: ${names}; all projects are named together`);
    }
    if (twice.length > 0) this.logToStderr(formatWarning(formatDouble(twice)));
    return { ...told, ...(twice.length > 0 && { also_recorded: twice }) };
  }
}

/** An empty word is none: it would be the folder that one stands in. */
function isFolder(word: string): boolean {
  return word !== '' && statSync(word, { throwIfNoEntry: false })?.isDirectory() === true;
}
