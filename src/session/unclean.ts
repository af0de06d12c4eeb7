/** Why no push takes a session, and what a person can do. */
export const UNCLEAN =
  'commits that no remote has yet still hold secrets of it; git rebase --interactive takes them out, and then a pass pushes it';

/** The same of what nobody could look into. */
export const UNSEARCHED =
  'commits that no remote has yet may hold secrets of it and could not be searched; git rebase --interactive takes them out, and then a pass pushes it';
